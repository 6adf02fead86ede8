/** Puts new factors beside those that the state has. */
package fedllm.strategies.stack;
