/** The geometric median of whole updates. */
package fedllm.strategies.geometricmedian;
