/** Directions that are drawn from seeds, and values made again of sums along them. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.seeds;
