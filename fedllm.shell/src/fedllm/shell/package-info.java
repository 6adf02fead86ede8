/**
 * The shell of a running node: a local socket over Gogo, and the commands that people type there.
 */
package fedllm.shell;
