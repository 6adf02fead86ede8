/** The protocol of FedAsync: every update makes a state. */
package fedllm.strategies.async;
