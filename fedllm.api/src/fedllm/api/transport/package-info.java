/** The broker-free port: named logs that are appended to and read. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.transport;
