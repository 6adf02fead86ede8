/** What FedPer and FedRep share: a body that travels, and a head that never does. */
package fedllm.trainers.heads;
