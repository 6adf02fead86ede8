/** The protocol of rounds one after the other. */
package fedllm.strategies.synchronous;
