/** What the measuring of a model may be told. */
package fedllm.cli.evaluate;
