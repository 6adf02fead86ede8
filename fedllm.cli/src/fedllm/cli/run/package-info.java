/**
 * A whole federation on this machine: what {@code run} and {@code demo} start, follow and compare.
 */
package fedllm.cli.run;
