package fedllm.data.jsonl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import fedllm.api.data.DataSource;
import fedllm.api.data.Row;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.data.file.Rows;
import fedllm.data.file.TextFile;
import fedllm.data.json.FlatJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/** Reads a file with one JSON object on each line; blank lines do not count. */
@Component
@Plugin(name = "jsonl", does = "reads one JSON object from each line")
public final class Jsonl implements DataSource {

  @Override
  public Stream<Row> read(Options options, Path file) {
    TextFile text = new TextFile(file);
    return Rows.stream(text, () -> next(text));
  }

  private static Row next(TextFile text) {
    String line = text.line();
    while (line != null && line.isBlank()) {
      line = text.line();
    }
    return line == null ? null : new Row(text.lineNumber(), fields(text, line));
  }

  private static Map<String, String> fields(TextFile text, String line) {
    try (JsonParser in = FlatJson.FACTORY.createParser(line)) {
      return fields(text, in);
    } catch (IOException e) {
      throw text.unreadable(e);
    }
  }

  private static Map<String, String> fields(TextFile text, JsonParser in) throws IOException {
    try {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw text.at(text.lineNumber(), "the line is not a JSON object");
      }
      Map<String, String> fields = FlatJson.object(in);
      if (in.nextToken() != null) {
        throw text.at(text.lineNumber(), "the line goes on after its JSON object");
      }
      return fields;
    } catch (JsonProcessingException e) {
      throw FlatJson.broken(text, in, text.lineNumber() - 1, e);
    }
  }
}
