/**
 * The contract of parameter-efficient methods: what stands beside each linear layer. Provisional.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.peft;
