package fedllm.models.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.peft.Adapter;
import fedllm.learning.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real model: what it says is what the llama2.c program makes of the same weights. */
class StoriesTest {

  private JsonNode golden;
  private LanguageModel model;
  private NDManager owner;
  private NDList none;

  @BeforeEach
  void open() throws Exception {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    Path folder = Path.of(data, "stories260k");
    assumeTrue(Files.isDirectory(folder), "there is no stories260k");
    golden = new ObjectMapper().readTree(Files.readString(folder.resolve("golden.json")));
    model = new LanguageModel(new Bases(List.of(new Llama())).open(folder), Adapter.NONE);
    owner = model.newManager();
    none = model.list(owner, "p", new Tensors(new Schema(List.of())));
  }

  @AfterEach
  void close() {
    if (model != null) {
      owner.close();
      model.close();
    }
  }

  @Test
  void tellsTheSameStoriesTokenByToken() {
    Tokenizer tokenizer = model.base().tokenizer();
    int stories = 0;
    for (Map.Entry<String, JsonNode> story : golden.get("greedy").properties()) {
      int[] expected = ids(story.getValue().get("ids"));
      int[] told =
          model.greedy(tokenizer.encode(story.getKey()), expected.length, tokenizer.end(), none);
      assertArrayEquals(expected, told, story.getKey());
      // The reference program prints the piece of a byte by its name.
      String text = story.getValue().get("text").asText().replace("<0x0A>", "\n");
      assertEquals(text, tokenizer.decode(told));
      stories++;
    }
    assertEquals(2, stories);
  }

  @Test
  void givesTheSameLogits() {
    JsonNode expected = golden.get("logits").get("last_position");
    float[] logits = model.logits(ids(golden.get("logits").get("prompt_ids")), none);
    assertEquals(expected.size(), logits.length);
    for (int i = 0; i < logits.length; i++) {
      assertEquals(expected.get(i).asDouble(), logits[i], 2e-5);
    }
  }

  @Test
  void goesNoFurtherThanTheContext() {
    int[] almostAll = new int[509];
    Arrays.fill(almostAll, 1);
    assertEquals(512, model.greedy(almostAll, 10_000, -1, none).length);
  }

  private static int[] ids(JsonNode json) {
    return StreamSupport.stream(json.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
