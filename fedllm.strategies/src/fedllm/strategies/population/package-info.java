/** Puts the solutions that members tried side by side. */
package fedllm.strategies.population;
