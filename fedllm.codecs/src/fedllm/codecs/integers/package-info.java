/** Whole numbers in as few bytes as they need. */
package fedllm.codecs.integers;
