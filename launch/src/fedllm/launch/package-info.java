/** Starts a node's framework from what the build has listed. */
package fedllm.launch;
