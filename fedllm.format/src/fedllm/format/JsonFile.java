package fedllm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small files of JSON beside a model's weights. */
public final class JsonFile {

  /** A tokenizer's names are many and its own: no table of them is kept. */
  private static final ObjectReader JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .build())
          .readerFor(JsonNode.class)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonFile() {}

  /**
   * Reads a file that holds one JSON object. Of a key that comes twice the last counts, as for
   * those who wrote the file.
   *
   * @param advice what to do when the file cannot be read
   * @throws SitsOut when it cannot, or is something else; the message names the file and the line
   */
  public static JsonNode object(Path file, String advice) {
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      if (!json.isObject()) {
        throw new SitsOut(file + ": should be a JSON object");
      }
      return json;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new SitsOut(file + (at == null ? "" : ":" + at.getLineNr()) + ": is not JSON", e);
    } catch (IOException e) {
      throw new SitsOut(file + ": cannot be read; " + advice, e);
    }
  }
}
