/** The command line of the product. */
package fedllm.cli;
