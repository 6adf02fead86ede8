package fedllm.data.sharegpt;

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
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/**
 * Reads conversations: objects one after the other or in an array, each with {@code conversations:
 * [{from, value}]} or {@code messages: [{role, content}]}. What else an object has, such as an id,
 * becomes fields.
 */
@Component
@Plugin(name = "sharegpt", does = "reads conversations, one JSON object each")
public final class ShareGpt implements DataSource {

  @Override
  public Stream<Row> read(Options options, Path file) {
    TextFile text = new TextFile(file);
    try {
      JsonParser in = FlatJson.FACTORY.createParser(text);
      return Rows.stream(text, () -> next(text, in));
    } catch (IOException e) {
      throw text.unreadable(e);
    }
  }

  private static Row next(TextFile text, JsonParser in) {
    try {
      boolean first = in.currentToken() == null;
      JsonToken token = in.nextToken();
      if (first && token == JsonToken.START_ARRAY) {
        token = in.nextToken();
      }
      long line = in.currentTokenLocation().getLineNr();
      if (token == JsonToken.START_OBJECT) {
        return new Talk(text, in, line).read();
      }
      if (token == JsonToken.END_ARRAY && in.nextToken() != null) {
        throw text.at(
            in.currentTokenLocation().getLineNr(), "the file goes on after its JSON array");
      }
      if (token != null && token != JsonToken.END_ARRAY) {
        throw text.at(line, "this is not a JSON object; give one object for each conversation");
      }
      return null;
    } catch (JsonProcessingException e) {
      throw FlatJson.broken(text, in, 0, e);
    } catch (IOException e) {
      throw text.unreadable(e);
    }
  }
}
