/** SLoRA: a few weights first, then LoRA that goes on from there. */
package fedllm.peft.slora;
