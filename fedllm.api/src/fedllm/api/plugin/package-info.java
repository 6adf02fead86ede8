/**
 * What every plugin has: a name, options, a scope, a way to compose others, state that survives.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.plugin;
