/** FLoRA: fresh factors beside those that were learned before. */
package fedllm.peft.flora;
