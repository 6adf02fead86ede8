/** FedBERT: a model trained in pieces. */
package fedllm.trainers.fedbert;
