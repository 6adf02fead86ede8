package fedllm.runtime.wire;

/**
 * What travelled.
 *
 * @param bytes of the whole stream
 * @param chunks that it was cut into
 * @param sha256 of the whole stream, in hex
 */
public record Payload(long bytes, int chunks, String sha256) {

  /** Metadata: the version of the wire form. */
  static final String WIRE = "fedllm.wire";

  /** Metadata: the names of the chain's links, separated by commas; empty without a chain. */
  static final String CODECS = "fedllm.codecs";

  static final String VERSION = "1";
}
