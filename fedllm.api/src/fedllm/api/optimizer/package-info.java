/**
 * The contract of the server optimizer: global state and combined update become the next global
 * state.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.optimizer;
