/** Zstandard. */
package fedllm.codecs.zstd;
