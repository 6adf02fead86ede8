/** FedAvgM: momentum on the server. */
package fedllm.strategies.fedavgm;
