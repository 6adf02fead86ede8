/** FedAdagrad: Adagrad on the server. */
package fedllm.strategies.fedadagrad;
