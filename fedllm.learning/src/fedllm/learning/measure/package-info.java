/** Held-out examples in batches, and what a model makes of them. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.measure;
