/** Conversations. */
package fedllm.data.sharegpt;
