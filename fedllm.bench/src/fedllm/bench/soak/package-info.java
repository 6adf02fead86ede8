/** Thousands of small rounds, and what grows meanwhile. */
package fedllm.bench.soak;
