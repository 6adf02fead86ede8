/** Another version of FedAvg. */
package fedllm.strategies.fedavg;
