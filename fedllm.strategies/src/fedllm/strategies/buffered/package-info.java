/** The protocol of FedBuff: a round closes with the first updates of a number. */
package fedllm.strategies.buffered;
