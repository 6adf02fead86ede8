/** The plugins of the house as a table, read from their jars without starting a node. */
package fedllm.cli.methods;
