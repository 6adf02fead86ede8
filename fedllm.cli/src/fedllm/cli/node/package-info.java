/** Nodes of a federation as processes of this machine, and the way to their shells. */
package fedllm.cli.node;
