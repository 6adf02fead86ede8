/** HetLoRA: factors of different ranks, padded with zeros. */
package fedllm.strategies.hetlora;
