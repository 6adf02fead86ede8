/** Comma-separated values with a header. */
package fedllm.data.csv;
