/** A rank for each client. */
package fedllm.strategies.ranks;
