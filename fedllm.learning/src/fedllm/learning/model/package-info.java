/**
 * The contract of model families: configuration files become weights, named sites and equations.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.2.0")
package fedllm.learning.model;
