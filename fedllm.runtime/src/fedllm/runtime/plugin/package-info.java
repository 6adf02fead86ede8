/** Finding, checking, pinning and swapping plugins. */
package fedllm.runtime.plugin;
