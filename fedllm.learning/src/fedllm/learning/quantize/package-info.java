/** Base weights in fewer bits, in plain Java: written as they stream in, and read back. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.quantize;
