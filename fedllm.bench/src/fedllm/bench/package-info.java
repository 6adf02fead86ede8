/** Measurements: what the product does, beside the limits of the machine in the same run. */
package fedllm.bench;
