/**
 * TorchScript, written by Java and run by DJL's PyTorch engine; the only code that imports
 * ai.djl.pytorch.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.kernel;
