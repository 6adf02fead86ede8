/** A silo: it listens, learns beside its private text, and uploads. */
package fedllm.runtime.silo;
