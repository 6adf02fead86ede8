/** Clients that lie. */
package fedllm.privacy.byzantine;
