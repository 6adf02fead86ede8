/** The server optimizer that adds. */
package fedllm.strategies.add;
