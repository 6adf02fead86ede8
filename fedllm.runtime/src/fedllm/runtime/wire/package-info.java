/** Tensors as they travel: one safetensors stream, its values coded in frames, cut into chunks. */
package fedllm.runtime.wire;
