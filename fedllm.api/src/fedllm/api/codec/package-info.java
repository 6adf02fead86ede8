/** The contract of compression: values to bytes and back, in chains. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.codec;
