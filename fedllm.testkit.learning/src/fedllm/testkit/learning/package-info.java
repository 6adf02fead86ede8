/** The contract of model families as a test; authors of families run it on theirs. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.testkit.learning;
