/** The contract of a run's course: who is asked when, and when a round closes. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.protocol;
