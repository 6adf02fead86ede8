package fedllm.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.cli.node.ShellClient;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** What changed at a server since the last look: silos and runs, a line each. */
final class ServerNews {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Consumer<String> say;
  private final Map<String, String> known = new HashMap<>();

  ServerNews(Consumer<String> say) {
    this.say = say;
  }

  void look(ShellClient shell) {
    try {
      for (JsonNode silo : JSON.readTree(shell.ask("fedllm:silos --json"))) {
        tell("silo " + silo.get("name").asText(), silo.get("state").asText());
      }
      for (JsonNode run : JSON.readTree(shell.ask("fedllm:runs --json"))) {
        String says = run.get("says").asText();
        tell(
            "run " + run.get("id").asText(),
            run.get("state").asText()
                + ", "
                + Math.max(0, run.get("rounds").size() - 1)
                + " rounds closed"
                + (says.isEmpty() ? "" : ": " + says));
      }
    } catch (Refused e) {
      tell("server:", e.getMessage());
    } catch (JsonProcessingException e) {
      throw new Unreachable("the server's shell answers what this version does not know", e);
    }
  }

  private void tell(String what, String state) {
    if (!state.equals(known.put(what, state))) {
      say.accept(what + " " + state);
    }
  }
}
