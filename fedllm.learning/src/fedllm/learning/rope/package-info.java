/** Rotary embeddings beyond the texts that a model learned from, one class each. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.rope;
