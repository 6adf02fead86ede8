package fedllm.data.sharegpt;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import fedllm.api.data.Row;
import fedllm.api.data.Turn;
import fedllm.data.file.TextFile;
import fedllm.data.json.FlatJson;
import fedllm.data.talk.Turns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One conversation's object that is being read. */
final class Talk {

  private final TextFile text;
  private final JsonParser in;
  private final long line;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private List<Turn> turns;

  /** Its {@code START_OBJECT} is the parser's current token. */
  Talk(TextFile text, JsonParser in, long line) {
    this.text = text;
    this.in = in;
    this.line = line;
  }

  Row read() throws IOException {
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      in.nextToken();
      if (Turns.LISTS.contains(name) && in.currentToken() == JsonToken.START_ARRAY) {
        if (turns != null) {
          throw text.at(line, "the object has two conversations; keep one of them");
        }
        turns = turns();
      } else {
        FlatJson.value(name, in, fields);
      }
    }
    if (turns == null) {
      throw text.at(
          line, "the object has no list of turns that is called conversations or messages");
    }
    if (turns.isEmpty()) {
      throw text.at(line, "the conversation has no turn; take the object out");
    }
    return new Row(line, fields, turns);
  }

  private List<Turn> turns() throws IOException {
    List<Turn> read = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      long at = in.currentTokenLocation().getLineNr();
      if (in.currentToken() != JsonToken.START_OBJECT) {
        throw text.at(at, "a turn is not a JSON object");
      }
      read.add(turn(at, read.size() + 1, FlatJson.object(in)));
    }
    return read;
  }

  private Turn turn(long at, int number, Map<String, String> said) {
    String wrong = Turns.wrong(said);
    if (wrong != null) {
      throw text.at(at, "turn " + number + " " + wrong);
    }
    return Turns.of(said);
  }
}
