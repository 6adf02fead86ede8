/** What secure aggregation costs. */
package fedllm.bench.secagg;
