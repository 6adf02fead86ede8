/** Parquet. */
package fedllm.data.parquet;
