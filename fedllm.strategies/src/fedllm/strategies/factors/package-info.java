/** Products of two thin matrices: found in a module, summed and cut, never multiplied out. */
package fedllm.strategies.factors;
