/** The server's side of SCAFFOLD: the state, and the mean of all clients' control variates. */
package fedllm.strategies.scaffold;
