/** What the model will see of a silo's files, shown to the silo's own operator. */
package fedllm.preview;
