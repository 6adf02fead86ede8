/** A talk with a model: the program behind {@code fedllm chat}. */
package fedllm.chat;
