/** Krum and Multi-Krum. */
package fedllm.strategies.krum;
