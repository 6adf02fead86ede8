/** Makes what the demo needs and nobody else may give: texts, a tokenizer and a small model. */
package fedllm.demo;
