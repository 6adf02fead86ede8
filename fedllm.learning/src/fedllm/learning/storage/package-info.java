/** The contract of how frozen matrices lie in memory, whatever a model computes with. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.storage;
