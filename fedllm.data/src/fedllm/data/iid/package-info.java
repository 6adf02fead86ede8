/** Equal parts. */
package fedllm.data.iid;
