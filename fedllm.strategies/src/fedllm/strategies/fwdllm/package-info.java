/** Follows estimates of the gradient once they agree. */
package fedllm.strategies.fwdllm;
