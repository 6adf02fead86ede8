/** A job's file as {@code run} reads it: what to start, and what to submit. */
package fedllm.cli.job;
