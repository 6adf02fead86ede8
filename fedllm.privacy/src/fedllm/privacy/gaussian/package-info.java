/** Gaussian noise. */
package fedllm.privacy.gaussian;
