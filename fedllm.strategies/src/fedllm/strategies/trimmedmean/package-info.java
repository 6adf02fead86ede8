/** Coordinate-wise trimmed mean. */
package fedllm.strategies.trimmedmean;
