package fedllm.learning.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.SitsOut;
import fedllm.format.JsonFile;
import fedllm.format.ModelFolder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A {@code tokenizer.json}, looked at before native code reads it: there, what its author did not
 * foresee ends the process.
 */
final class TokenizerFile {

  private static final String ADVICE = "put the model's file there";

  private final ModelFolder folder;
  private final JsonNode json;

  private TokenizerFile(ModelFolder folder, JsonNode json) {
    this.folder = folder;
    this.json = json;
  }

  /** Reads a model's file; what is wrong with it is refused by name. */
  static TokenizerFile read(ModelFolder folder) {
    ObjectNode json = (ObjectNode) JsonFile.object(folder.tokenizer(), ADVICE);
    TokenizerFile file = new TokenizerFile(folder, json);
    file.checkNormalizer(json.path("normalizer"));
    file.checkMerges(json.path("model"));
    file.checkProcessor(json.path("post_processor"));
    file.checkDecoder(json.path("decoder"));
    // Texts are cut and filled up by us.
    json.putNull("truncation");
    json.putNull("padding");
    // Files of before 2021 leave out that a model with merges is BPE.
    if (json.path("model") instanceof ObjectNode model
        && !model.has("type")
        && model.has("merges")) {
      model.put("type", "BPE");
    }
    return file;
  }

  /** What native code reads. */
  byte[] bytes() {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The largest id that a text can have; -1 where there is none. */
  long largestId() {
    long largest = -1;
    JsonNode vocabulary = json.path("model").path("vocab");
    if (vocabulary.isArray()) {
      largest = vocabulary.size() - 1L; // of pairs of token and score
    } else {
      for (JsonNode id : vocabulary) {
        largest = Math.max(largest, id.asLong(-1));
      }
    }
    for (JsonNode added : json.path("added_tokens")) {
      largest = Math.max(largest, added.path("id").asLong(-1));
    }
    return Math.max(largest, largestId(json.path("post_processor")));
  }

  private static long largestId(JsonNode processor) {
    long largest =
        Math.max(
            processor.path("sep").path(1).asLong(-1), processor.path("cls").path(1).asLong(-1));
    for (JsonNode token : processor.path("special_tokens")) {
      for (JsonNode id : token.path("ids")) {
        largest = Math.max(largest, id.asLong(-1));
      }
    }
    for (JsonNode inner : processor.path("processors")) {
      largest = Math.max(largest, largestId(inner));
    }
    return largest;
  }

  /** The token that ends a text, or -1. */
  int end() {
    Path settings = folder.folder().resolve("tokenizer_config.json");
    if (Files.exists(settings)) {
      JsonNode token = JsonFile.object(settings, ADVICE).path("eos_token");
      String text = token.isObject() ? token.path("content").asText() : token.asText("");
      for (JsonNode added : json.path("added_tokens")) {
        if (!text.isEmpty() && added.path("content").asText().equals(text)) {
          return added.path("id").asInt(-1);
        }
      }
    }
    JsonNode id = JsonFile.object(folder.config(), ADVICE).path("eos_token_id");
    return id.isArray() ? id.path(0).asInt(-1) : id.asInt(-1);
  }

  /** What replaces nothing by something loses count of what it put in. */
  private void checkNormalizer(JsonNode normalizer) {
    normalizer.path("normalizers").forEach(this::checkNormalizer);
    if (!normalizer.path("type").asText().equals("Replace")) {
      return;
    }
    JsonNode pattern = normalizer.path("pattern");
    if (pattern.path("String").asText("x").isEmpty() || findsNothing(pattern.path("Regex"))) {
      throw new SitsOut(
          folder.tokenizer()
              + ": normalizer Replace has a pattern that fits where there is no text; "
              + ADVICE);
    }
  }

  private static boolean findsNothing(JsonNode regex) {
    if (!regex.isTextual()) {
      return false;
    }
    try {
      Matcher matcher = Pattern.compile(regex.asText()).matcher("a b");
      while (matcher.find()) {
        if (matcher.start() == matcher.end()) {
          return true;
        }
      }
      return false;
    } catch (PatternSyntaxException e) {
      return false; // Another dialect, or wrong there too.
    }
  }

  /** The right half of a merge is cut by the prefix, unseen whether it begins with it. */
  private void checkMerges(JsonNode model) {
    String prefix = model.path("continuing_subword_prefix").asText("");
    if (prefix.isEmpty()) {
      return;
    }
    for (JsonNode merge : model.path("merges")) {
      String right =
          merge.isArray()
              ? merge.path(1).asText()
              : merge.asText().substring(merge.asText().indexOf(' ') + 1);
      if (!right.startsWith(prefix)) {
        throw new SitsOut(
            folder.tokenizer()
                + ": a merge does not begin with the continuing_subword_prefix; "
                + ADVICE);
      }
    }
  }

  /** A template's special tokens are looked up, unseen whether they are there. */
  private void checkProcessor(JsonNode processor) {
    processor.path("processors").forEach(this::checkProcessor);
    JsonNode known = processor.path("special_tokens");
    for (String template : new String[] {"single", "pair"}) {
      for (JsonNode piece : processor.path(template)) {
        JsonNode token = piece.path("SpecialToken").path("id");
        if (token.isTextual() && !known.has(token.asText())) {
          throw new SitsOut(
              folder.tokenizer()
                  + ": post_processor."
                  + template
                  + " uses a token that special_tokens lacks; "
                  + ADVICE);
        }
      }
    }
  }

  /** Stripping at the end counts back over the beginning of a shorter token. */
  private void checkDecoder(JsonNode decoder) {
    decoder.path("decoders").forEach(this::checkDecoder);
    if (decoder.path("type").asText().equals("Strip") && decoder.path("stop").asLong() != 0) {
      throw new SitsOut(folder.tokenizer() + ": decoder Strip should have stop 0; " + ADVICE);
    }
  }
}
