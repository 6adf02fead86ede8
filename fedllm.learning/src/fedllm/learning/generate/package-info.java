/** A model writes: samplers, stops, streams of text, batches with a cache. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.generate;
