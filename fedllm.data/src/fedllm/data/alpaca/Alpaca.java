package fedllm.data.alpaca;

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

/** Reads a JSON file that is an array of objects, or an object whose values are objects. */
@Component
@Plugin(name = "alpaca", does = "reads a JSON array of objects, or an object of objects")
public final class Alpaca implements DataSource {

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
      if (in.currentToken() == null) {
        start(text, in);
      }
      JsonToken token = in.nextToken();
      if (token == JsonToken.FIELD_NAME) {
        token = in.nextToken();
      }
      long line = in.currentTokenLocation().getLineNr();
      if (token == JsonToken.START_OBJECT) {
        return new Row(line, FlatJson.object(in));
      }
      if (!token.isStructEnd()) {
        throw text.at(line, "this is not a JSON object; give an array of objects");
      }
      if (in.nextToken() != null) {
        throw text.at(
            in.currentTokenLocation().getLineNr(), "the file goes on after its JSON value");
      }
      return null;
    } catch (JsonProcessingException e) {
      throw FlatJson.broken(text, in, 0, e);
    } catch (IOException e) {
      throw text.unreadable(e);
    }
  }

  private static void start(TextFile text, JsonParser in) throws IOException {
    JsonToken token = in.nextToken();
    if (token != JsonToken.START_ARRAY && token != JsonToken.START_OBJECT) {
      throw text.at(1, "the file is neither a JSON array nor a JSON object");
    }
  }
}
