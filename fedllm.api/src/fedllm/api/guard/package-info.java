/** The contract of what watches a message on its way: defences and attacks. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.api.guard;
