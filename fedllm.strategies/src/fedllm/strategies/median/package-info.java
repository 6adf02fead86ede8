/** Coordinate-wise median. */
package fedllm.strategies.median;
