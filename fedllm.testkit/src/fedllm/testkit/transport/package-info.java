/** A transport inside one JVM, and the contract that every transport keeps. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.testkit.transport;
