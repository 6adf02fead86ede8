/** Base models: one copy in memory, shared by all who train and measure in this JVM. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.base;
