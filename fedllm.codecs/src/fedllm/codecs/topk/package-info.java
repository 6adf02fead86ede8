/** The values of largest magnitude. */
package fedllm.codecs.topk;
