/** Another version of bfloat16. */
package fedllm.codecs.bf16;
