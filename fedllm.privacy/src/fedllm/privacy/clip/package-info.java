/** Bounds the norm of an update. */
package fedllm.privacy.clip;
