/** FlexLoRA: the best factors of the mean product. */
package fedllm.strategies.flexlora;
