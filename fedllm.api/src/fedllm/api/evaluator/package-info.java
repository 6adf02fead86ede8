/** The contract of measuring a global state on a silo's held-out data. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.evaluator;
