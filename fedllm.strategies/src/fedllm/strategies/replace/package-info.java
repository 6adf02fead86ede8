/** Puts the combined values in the place of the global state's. */
package fedllm.strategies.replace;
