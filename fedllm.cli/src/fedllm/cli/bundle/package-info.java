/** Signing plugins' bundles, and writing lines of approved lists. */
package fedllm.cli.bundle;
