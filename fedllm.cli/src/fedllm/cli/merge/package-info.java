/** What {@code ./fedllm merge} may be told. */
package fedllm.cli.merge;
