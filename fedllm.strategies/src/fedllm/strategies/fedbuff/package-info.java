/** FedBuff: the mean of updates, discounted by how late they are. */
package fedllm.strategies.fedbuff;
