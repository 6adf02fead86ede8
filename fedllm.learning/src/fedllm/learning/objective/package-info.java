/** The contract of objectives: what a trainer makes small. Provisional. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.objective;
