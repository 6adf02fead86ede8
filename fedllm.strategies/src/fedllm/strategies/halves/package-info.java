/** Combines two estimates of each tensor, apart from each other. */
package fedllm.strategies.halves;
