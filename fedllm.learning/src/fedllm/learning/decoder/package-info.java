/**
 * Decoders of the common kind: RMS norms, rotary embedding, grouped queries, a gated MLP. Families
 * say what is special to them.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package fedllm.learning.decoder;
