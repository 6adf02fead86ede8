/** What server optimizers remember of each value, and the step that adaptive ones share. */
package fedllm.strategies.moments;
