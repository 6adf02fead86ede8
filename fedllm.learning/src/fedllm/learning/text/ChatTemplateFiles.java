package fedllm.learning.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import fedllm.api.error.SitsOut;
import fedllm.format.JsonFile;
import fedllm.format.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** Where chat templates stand. */
final class ChatTemplateFiles {

  private static final String OWN_FILE = "chat_template.jinja";
  private static final String SETTINGS = "tokenizer_config.json";
  private static final String KEY = "chat_template";

  // What asks for an answer ends before the blank: tokenizers make one token of it and the word.
  private static final String PLAIN =
      """
      {% for message in messages %}
      {{ message.role }}: {{ message.content }}
      {% endfor %}
      {% if add_generation_prompt %}
      assistant:{% endif %}\
      """;

  private static final String CHATML =
      """
      {% for message in messages %}
      <|im_start|>{{ message.role }}
      {{ message.content }}<|im_end|>
      {% endfor %}
      {% if add_generation_prompt %}
      <|im_start|>assistant
      {% endif %}\
      """;

  /** As the template {@code question} of jobs writes it. */
  private static final String QUESTION =
      """
      {% for message in messages %}
      {% if message.role == "system" %}
      {{ message.content }}
      {% elif message.role == "assistant" %}
      Answer: {{ message.content }}{{ eos_token }}
      {% else %}
      Question: {{ message.content }}
      {% endif %}
      {% endfor %}
      {% if add_generation_prompt %}
      Answer:{% endif %}\
      """;

  private static final Map<String, String> NAMED =
      new TreeMap<>(Map.of("chatml", CHATML, "plain", PLAIN, "question", QUESTION));

  private ChatTemplateFiles() {}

  static ChatTemplate read(ModelFolder folder) {
    return find(folder)
        .orElseThrow(
            () ->
                new SitsOut(
                    folder.folder()
                        + ": the model comes without a chat template ("
                        + OWN_FILE
                        + ", or "
                        + KEY
                        + " in "
                        + SETTINGS
                        + "); choose one: "
                        + names()
                        + " or a file"));
  }

  static Optional<ChatTemplate> find(ModelFolder folder) {
    Path own = folder.folder().resolve(OWN_FILE);
    JsonNode settings = settings(folder);
    if (Files.exists(own)) {
      return Optional.of(ChatTemplate.parse(text(own), ChatTemplate.lineOf(own), settings, false));
    }
    Path file = folder.folder().resolve(SETTINGS);
    String source = source(settings.path(KEY), file);
    IntFunction<String> place = line -> file + ": " + KEY + ", line " + line;
    return Optional.ofNullable(source)
        .map(text -> ChatTemplate.parse(text, place, settings, false));
  }

  static ChatTemplate named(String name, ModelFolder folder) {
    JsonNode settings = settings(folder);
    String source = NAMED.get(name);
    if (source != null) {
      return ChatTemplate.parse(
          source, line -> "the template " + name, settings, !name.equals("chatml"));
    }
    Path file = Path.of(name);
    if (!Files.exists(file)) {
      throw new SitsOut("there is no chat template and no file " + name + "; there are " + names());
    }
    return ChatTemplate.parse(text(file), ChatTemplate.lineOf(file), settings, false);
  }

  private static String names() {
    return String.join(", ", NAMED.keySet());
  }

  /** The template's text, or null. */
  private static String source(JsonNode node, Path file) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (node.isTextual()) {
      return node.asText();
    }
    List<String> others = new ArrayList<>();
    for (JsonNode named : node) {
      if (named.path("name").asText().equals("default") && named.path("template").isTextual()) {
        return named.path("template").asText();
      }
      others.add(named.path("name").asText());
    }
    throw new SitsOut(
        file
            + ": "
            + KEY
            + " should be a text, or a list with one named default; it has "
            + others);
  }

  private static JsonNode settings(ModelFolder folder) {
    Path file = folder.folder().resolve(SETTINGS);
    if (!Files.exists(file)) {
      return MissingNode.getInstance();
    }
    return JsonFile.object(file, "it should be UTF-8 text");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new SitsOut(file + ": cannot be read as UTF-8 text", e);
    }
  }
}
