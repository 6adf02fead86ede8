/** JSON objects, one on each line. */
package fedllm.data.jsonl;
