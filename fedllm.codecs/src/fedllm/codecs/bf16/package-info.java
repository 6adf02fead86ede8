/** Half the bits: bfloat16. */
package fedllm.codecs.bf16;
