package fedllm.runtime.message;

import fedllm.api.error.SitsOut;
import java.util.Map;

/**
 * What a gateway says of one client's update, in the headers of its chunks. The client is a claim
 * of the gateway's: it is the gateway that is known, signs and has a quota.
 *
 * @param client which of the delivery's, from 0 on
 * @param number which of the gateway's clients that is, from 0 on; its name goes by it
 * @param examples that it learned from
 * @param bytes of the whole update, with the last chunk; 0 before
 * @param sha256 of the whole update, with the last chunk; empty before
 */
public record Claim(int client, int number, long examples, long bytes, String sha256) {

  private static final String CLIENT = "claim";
  private static final String NUMBER = "client";
  private static final String EXAMPLES = "examples";
  private static final String BYTES = "bytes";
  private static final String SHA256 = "sha256";

  /** With a chunk that another one follows. */
  public Claim(int client, int number, long examples) {
    this(client, number, examples, 0, "");
  }

  /** What the client is called in the federation. */
  public static String name(String gateway, int number) {
    return "%s/%07d".formatted(gateway, number);
  }

  /** Whether this chunk is the update's last. */
  public boolean isLast() {
    return !sha256.isEmpty();
  }

  void write(Map<String, String> headers) {
    headers.put(CLIENT, Integer.toString(client));
    headers.put(NUMBER, Integer.toString(number));
    headers.put(EXAMPLES, Long.toString(examples));
    if (isLast()) {
      headers.put(BYTES, Long.toString(bytes));
      headers.put(SHA256, sha256);
    }
  }

  /** Reads what {@link #write} wrote; anything else throws {@link SitsOut}. */
  public static Claim read(Map<String, String> headers) {
    try {
      return new Claim(
          Integer.parseInt(headers.get(CLIENT)),
          Integer.parseInt(headers.get(NUMBER)),
          Long.parseLong(headers.get(EXAMPLES)),
          Long.parseLong(headers.getOrDefault(BYTES, "0")),
          headers.getOrDefault(SHA256, ""));
    } catch (NumberFormatException e) {
      throw new SitsOut("a chunk of a delivery does not say whose it is: " + e.getMessage(), e);
    }
  }

  /** The line that a delivery's SHA-256 is of, for each client one, in order. */
  public String line() {
    return number + " " + examples + " " + bytes + " " + sha256 + "\n";
  }
}
