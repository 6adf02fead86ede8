/** Fed-SP-SC: questions out, votes back. */
package fedllm.trainers.fedspsc;
