/** Plugins' bundles as files: signed, approved by a list, published over the log. */
package fedllm.runtime.bundle;
