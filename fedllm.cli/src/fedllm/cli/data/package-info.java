/** A job's and a silo's data as the command line reads them. */
package fedllm.cli.data;
