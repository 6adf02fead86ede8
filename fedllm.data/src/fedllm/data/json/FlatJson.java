package fedllm.data.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import fedllm.api.error.SitsOut;
import fedllm.data.file.TextFile;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes one flat row of a JSON object: values of inner objects are called {@code outer.inner},
 * lists of plain values become their lines, objects in lists are called {@code list.0}, {@code
 * list.1}, ... A null is an empty text.
 */
public final class FlatJson {

  /** A factory whose errors must not be shown or kept as causes: they repeat the text. */
  public static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Map<String, String> fields = new LinkedHashMap<>();

  private FlatJson() {}

  /** Reads the object whose {@code START_OBJECT} is the parser's current token, up to its end. */
  public static Map<String, String> object(JsonParser in) throws IOException {
    FlatJson flat = new FlatJson();
    flat.object("", in);
    return flat.fields;
  }

  /** Adds the value that begins at the parser's current token, up to its end. */
  public static void value(String name, JsonParser in, Map<String, String> fields)
      throws IOException {
    FlatJson flat = new FlatJson();
    flat.value(name, in);
    fields.putAll(flat.fields);
  }

  /**
   * What to throw when the parser gives up. Where one of its limits is passed, it does not say at
   * which place.
   *
   * @param in where the parser stands
   * @param lines how many lines of the text came before what the parser reads
   */
  public static SitsOut broken(
      TextFile text, JsonParser in, long lines, JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    return at == null
        ? text.at(
            lines + in.currentLocation().getLineNr(),
            "JSON that is nested too deep, or has a name, number or text that is too long")
        : text.at(lines + at.getLineNr(), "broken JSON at column " + at.getColumnNr());
  }

  private void object(String prefix, JsonParser in) throws IOException {
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = prefix + in.currentName();
      in.nextToken();
      value(name, in);
    }
  }

  private void value(String name, JsonParser in) throws IOException {
    switch (in.currentToken()) {
      case START_OBJECT -> object(name + ".", in);
      case START_ARRAY -> list(name, in);
      case VALUE_NULL -> fields.put(name, "");
      default -> fields.put(name, in.getText());
    }
  }

  private void list(String name, JsonParser in) throws IOException {
    StringBuilder lines = new StringBuilder();
    boolean plain = true;
    for (int i = 0; in.nextToken() != JsonToken.END_ARRAY; i++) {
      if (in.currentToken().isStructStart()) {
        plain = false;
        value(name + "." + i, in);
      } else {
        lines.append(lines.isEmpty() ? "" : "\n").append(in.getText());
      }
    }
    if (plain || !lines.isEmpty()) {
      fields.put(name, lines.toString());
    }
  }
}
