/** The planner of split learning. */
package fedllm.strategies.fedbert;
