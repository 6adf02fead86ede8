/** A model is measured on a file of texts: the program behind {@code fedllm evaluate}. */
package fedllm.evaluate;
