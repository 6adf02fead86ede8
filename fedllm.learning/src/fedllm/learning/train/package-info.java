/** How trainers learn: lessons out of examples, rates, steps, and what a round's steps make. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.train;
