/** Eight-bit quantisation. */
package fedllm.codecs.int8;
