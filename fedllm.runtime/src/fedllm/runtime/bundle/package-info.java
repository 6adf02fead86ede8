/** Plugins' bundles as files: signed, and approved by a list. */
package fedllm.runtime.bundle;
