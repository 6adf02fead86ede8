package fedllm.learning.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.Base;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** Which tokens end a model's text: the tokenizer's, and all that its files name. */
public final class Ends {

  private Ends() {}

  /**
   * The tokens named {@code eos_token_id} in {@code generation_config.json} and {@code
   * config.json}, and the tokenizer's own.
   *
   * @throws SitsOut when a file is no JSON; the message names file and line
   */
  public static Set<Integer> of(Base base) {
    Set<Integer> ends = new TreeSet<>();
    if (base.tokenizer().end() >= 0) {
      ends.add(base.tokenizer().end());
    }
    for (String name : new String[] {"generation_config.json", "config.json"}) {
      Path file = base.folder().folder().resolve(name);
      if (Files.exists(file)) {
        JsonNode ids = json(file).path("eos_token_id");
        if (ids.isInt()) {
          ends.add(ids.asInt());
        }
        ids.forEach(id -> ends.add(id.asInt()));
      }
    }
    return ends;
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new SitsOut(file + ":" + e.getLocation().getLineNr() + ": is not JSON", e);
    } catch (IOException e) {
      throw new SitsOut(file + ": cannot be read", e);
    }
  }
}
