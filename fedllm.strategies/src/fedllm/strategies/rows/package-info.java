/** Kernels over all members' values of a unit, which strategies share. */
package fedllm.strategies.rows;
