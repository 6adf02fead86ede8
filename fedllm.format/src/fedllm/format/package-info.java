/** Files of named tensors: safetensors, read and written block by block. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.format;
