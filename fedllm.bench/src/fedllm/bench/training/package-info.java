/** What a training step costs, beside the matrix products of the same route. */
package fedllm.bench.training;
