/** How fast strategies combine updates, from memory and from the log. */
package fedllm.bench.aggregate;
