/** FLoRA: clients' factors one beside the other. */
package fedllm.strategies.flora;
