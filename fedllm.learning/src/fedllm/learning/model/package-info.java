/** The contract of model families: configuration files become weights, named sites and a script. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.model;
