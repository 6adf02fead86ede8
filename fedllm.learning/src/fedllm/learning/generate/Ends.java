package fedllm.learning.generate;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.format.JsonFile;
import fedllm.learning.base.Base;
import fedllm.learning.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What ends a model's text.
 *
 * @param tokens any of these tokens
 * @param stops any of these texts
 */
public record Ends(Set<Integer> tokens, List<String> stops) {
  public Ends {
    tokens = Set.copyOf(tokens);
    stops = List.copyOf(stops);
  }

  /**
   * The tokens named {@code eos_token_id} in {@code generation_config.json} and {@code
   * config.json}, and the tokenizer's own.
   *
   * @throws fedllm.api.error.SitsOut when a file is no JSON; the message names file and line
   */
  public static Set<Integer> of(Base base) {
    Set<Integer> ends = new TreeSet<>();
    if (base.tokenizer().end() >= 0) {
      ends.add(base.tokenizer().end());
    }
    for (String name : new String[] {"generation_config.json", "config.json"}) {
      Path file = base.folder().folder().resolve(name);
      if (Files.exists(file)) {
        JsonNode ids = JsonFile.object(file, "download it again").path("eos_token_id");
        if (ids.isInt()) {
          ends.add(ids.asInt());
        }
        ids.forEach(id -> ends.add(id.asInt()));
      }
    }
    return ends;
  }

  /** The same, and what ends an answer in a conversation. */
  public static Ends of(Base base, ChatTemplate template) {
    Set<Integer> tokens = of(base);
    String ending = template.ending();
    if (ending.isEmpty()) {
      return new Ends(tokens, List.of());
    }
    int[] ids = base.tokenizer().encodeWritten(ending);
    if (ids.length == 1) {
      tokens.add(ids[0]);
      return new Ends(tokens, List.of());
    }
    return new Ends(tokens, List.of(ending));
  }
}
