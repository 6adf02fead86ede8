/** Plain text. */
package fedllm.data.text;
