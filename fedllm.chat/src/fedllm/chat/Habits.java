package fedllm.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import fedllm.api.error.SitsOut;
import fedllm.cli.chat.ChatOptions;
import fedllm.format.JsonFile;
import fedllm.format.ModelFolder;
import fedllm.learning.generate.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How tokens are drawn: as the user says; else as the model's {@code generation_config.json} says;
 * else the likeliest.
 */
final class Habits {

  private static final String FILE = "generation_config.json";

  private final Path file;
  private final JsonNode keys;

  private Habits(Path file, JsonNode keys) {
    this.file = file;
    this.keys = keys;
  }

  static Sampling of(ModelFolder folder, ChatOptions options) {
    Path file = folder.folder().resolve(FILE);
    JsonNode keys =
        Files.exists(file) ? JsonFile.object(file, "download it again") : MissingNode.getInstance();
    return new Habits(file, keys).sampling(options);
  }

  private Sampling sampling(ChatOptions options) {
    boolean draws = keys.path("do_sample").asBoolean(false);
    // What the file leaves out is what its own library takes then.
    return new Sampling(
        or(options.temperature(), draws ? number("temperature", 1) : 0),
        or(options.topK(), draws ? (int) number("top_k", 50) : 0),
        or(options.topP(), draws ? number("top_p", 1) : 1),
        or(options.repetition(), number("repetition_penalty", 1)),
        options.seed());
  }

  private static <T> T or(T said, T habit) {
    return said == null ? habit : said;
  }

  private double number(String key, double missing) {
    JsonNode value = keys.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return missing;
    }
    if (!value.isNumber()) {
      throw new SitsOut(file + ": " + key + " should be a number");
    }
    return value.asDouble();
  }
}
