/** A silo's files as examples: which file, which fields, what is kept to measure with. */
package fedllm.runtime.data;
