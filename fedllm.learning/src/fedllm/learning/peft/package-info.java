/**
 * The contract of parameter-efficient methods: parameters, and at each named site one equation over
 * x, y and the parameters.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.2.0")
package fedllm.learning.peft;
