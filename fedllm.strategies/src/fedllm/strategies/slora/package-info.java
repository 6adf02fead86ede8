/** SLoRA: the edge between its stages. */
package fedllm.strategies.slora;
