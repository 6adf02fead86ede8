/** The planner that asks everybody. */
package fedllm.strategies.everyone;
