package fedllm.data.sharegpt;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import fedllm.api.data.Row;
import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.data.file.TextFile;
import fedllm.data.json.FlatJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One conversation's object that is being read. */
final class Talk {

  private static final Set<String> LISTS = Set.of("conversations", "conversation", "messages");

  private static final Map<String, Role> ROLES =
      Map.ofEntries(
          Map.entry("system", Role.SYSTEM),
          Map.entry("developer", Role.SYSTEM),
          Map.entry("human", Role.USER),
          Map.entry("user", Role.USER),
          Map.entry("gpt", Role.ASSISTANT),
          Map.entry("chatgpt", Role.ASSISTANT),
          Map.entry("assistant", Role.ASSISTANT),
          Map.entry("model", Role.ASSISTANT),
          Map.entry("function_call", Role.ASSISTANT),
          Map.entry("tool", Role.TOOL),
          Map.entry("function", Role.TOOL),
          Map.entry("observation", Role.TOOL));

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
      if (LISTS.contains(name) && in.currentToken() == JsonToken.START_ARRAY) {
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
    String who = said.containsKey("from") ? said.get("from") : said.get("role");
    String what = said.containsKey("value") ? said.get("value") : said.get("content");
    if (who == null || what == null) {
      throw text.at(
          at, "turn " + number + " has no text from and value, and no text role and content");
    }
    Role role = ROLES.get(who);
    if (role == null) {
      throw text.at(
          at,
          "turn "
              + number
              + " is from nobody that is known: system, human or user, gpt or assistant, tool");
    }
    return new Turn(role, what);
  }
}
