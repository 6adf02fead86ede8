package fedllm.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import fedllm.api.error.SitsOut;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code model.safetensors.index.json}: which file of a folder holds which tensor.
 *
 * @param files a file's name for each tensor's
 */
record WeightIndex(Map<String, String> files) {

  static final String NAME = "model.safetensors.index.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  static WeightIndex read(Path index) {
    JsonNode map = JsonFile.object(index, "download the model again").path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new SitsOut(index + ": has no weight_map; download the model again");
    }
    Map<String, String> files = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String file = entry.getValue().asText();
      if (file.contains("/") || file.contains("\\") || file.contains("\0")) {
        throw new SitsOut(
            index + ": names the file " + Shown.name(file) + ", which is not in its folder");
      }
      if (!entry.getValue().isTextual() || !file.endsWith(".safetensors")) {
        throw new SitsOut(index + ": names no *.safetensors for " + Shown.name(entry.getKey()));
      }
      files.put(entry.getKey(), file);
    }
    return new WeightIndex(files);
  }

  /** The file's bytes. */
  byte[] json(long totalBytes) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("metadata", Map.of("total_size", totalBytes));
    keys.put("weight_map", files);
    try {
      return (JSON.writeValueAsString(keys) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of plain values is JSON", e);
    }
  }
}
