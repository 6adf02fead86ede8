/** What a run is asked to do: the job file, read and checked with its lines. */
package fedllm.runtime.job;
