/** HetLoRA at a client: ranks that it does not need are let go. */
package fedllm.trainers.hetlora;
