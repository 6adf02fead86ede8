/** What a talk with a model may be told. */
package fedllm.cli.chat;
