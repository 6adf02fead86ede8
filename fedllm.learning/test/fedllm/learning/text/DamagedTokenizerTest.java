package fedllm.learning.text;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.format.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tokenizer is native code: whatever its file says, it answers or is refused. */
class DamagedTokenizerTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1",
          "4294967295",
          "9223372036854775807",
          "1e300",
          "\"\"",
          "\"\\u0000\"",
          "\"(\"",
          "\"a*\"",
          "\"[a-\"",
          "\"(?:a{1000}){1000}\"",
          "\"BPE\"",
          "\"Unigram\"",
          "\"WordPiece\"",
          "\"WordLevel\"",
          "\"ByteLevel\"",
          "\"Metaspace\"",
          "\"Sequence\"",
          "\"\\ud83d\\ude42\"",
          "[]",
          "{}",
          "[[]]",
          "[[\"a\",0.5],[\"b\",-1e300]]",
          "{\"Regex\":\"(\"}",
          "{\"type\":\"Split\"}",
          "{\"type\":\"NFKC\"}");

  @TempDir Path folder;

  @Test
  void answersOrIsRefusedWhateverItsFileSays() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 2}");
    int opened = 0;
    int refused = 0;
    for (int number = 0; number < 2000; number++) {
      Philox random = new Philox(number);
      JsonNode json = SmallTokenizers.all().get(number % SmallTokenizers.all().size()).deepCopy();
      int mutations = random.below(0, 4);
      for (int i = 1; i <= mutations; i++) {
        mutate(json, random, 10 * i);
      }
      Files.writeString(folder.resolve("tokenizer.json"), json.toString());
      try {
        ModelFolder model = new ModelFolder(folder, List.of());
        Tokenizer.check(model, SmallTokenizers.VOCABULARY);
        use(model);
        opened++;
      } catch (SitsOut out) {
        assertTrue(mutations > 0, out::getMessage);
        assertTrue(out.getMessage().contains("tokenizer.json"), out::getMessage);
        refused++;
      }
    }
    assertTrue(opened > 400 && refused > 400, opened + " opened, " + refused + " refused");
  }

  private static void use(ModelFolder model) {
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      for (String text :
          List.of("once upon a time \ud83d\ude42", "", "\0\ufeffAB", "a".repeat(300))) {
        tokenizer.decode(tokenizer.encode(text));
      }
      tokenizer.decode(new int[] {0, SmallTokenizers.VOCABULARY, 1 << 30, -1});
    }
  }

  private static void mutate(JsonNode json, Philox random, int at) throws IOException {
    List<JsonNode> places = new ArrayList<>();
    // The vocabulary and the merges are most of the file, but not most of its meaning.
    int depth = random.below(at, 6);
    JsonNode node = json;
    for (int i = 0; i < depth; i++) {
      places.clear();
      node.forEach(
          child -> {
            if (child.isContainerNode() && !child.isEmpty()) {
              places.add(child);
            }
          });
      if (places.isEmpty()) {
        break;
      }
      node = places.get(random.below(at + 1 + i, places.size()));
    }
    JsonNode value = JSON.readTree(VALUES.get(random.below(at + 8, VALUES.size())));
    if (node instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.below(at + 7, names.size()));
      if (random.below(at + 9, 5) == 0) {
        object.remove(name);
      } else {
        object.set(name, value);
      }
    } else if (node instanceof ArrayNode array && !array.isEmpty()) {
      array.set(random.below(at + 7, array.size()), value);
    }
  }
}
