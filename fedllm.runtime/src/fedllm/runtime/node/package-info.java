/** One process of a federation: a server or a silo, as its properties say. */
package fedllm.runtime.node;
