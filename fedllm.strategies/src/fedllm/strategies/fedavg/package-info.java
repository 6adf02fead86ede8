/** FedAvg: the mean, weighed by examples. */
package fedllm.strategies.fedavg;
