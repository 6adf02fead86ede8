package fedllm.api.transport;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A record as a reader gets it.
 *
 * @param topic the log, which also says who wrote it
 * @param offset its place in the log; grows, with gaps
 * @param headers readable words about it
 * @param body read-only for the reader, which may keep it
 */
public record Record(String topic, long offset, Map<String, String> headers, ByteBuffer body) {

  /** A header that must be there. */
  public String header(String name) {
    String value = headers.get(name);
    if (value == null) {
      throw new IllegalArgumentException(topic + "@" + offset + " has no header " + name);
    }
    return value;
  }
}
