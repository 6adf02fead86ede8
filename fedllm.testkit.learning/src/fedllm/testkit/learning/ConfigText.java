package fedllm.testkit.learning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Texts of {@code config.json} with a key changed. */
public final class ConfigText {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfigText() {}

  /** With a key set to a value, which is JSON. */
  public static String with(String config, String key, String value) {
    try {
      ObjectNode keys = (ObjectNode) JSON.readTree(config);
      return keys.set(key, JSON.readTree(value)).toString();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a test's text is not JSON", e);
    }
  }

  /** Without a key. */
  public static String without(String config, String key) {
    try {
      ObjectNode keys = (ObjectNode) JSON.readTree(config);
      keys.remove(key);
      return keys.toString();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a test's text is not JSON", e);
    }
  }
}
