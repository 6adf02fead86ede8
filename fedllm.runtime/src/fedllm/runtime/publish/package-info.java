/**
 * Plugins' bundles that come by the log: read, checked, laid into the plugins folder, taken out.
 */
package fedllm.runtime.publish;
