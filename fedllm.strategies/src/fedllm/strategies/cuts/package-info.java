/** The strategy that stacks what crosses the cuts of a split model. */
package fedllm.strategies.cuts;
