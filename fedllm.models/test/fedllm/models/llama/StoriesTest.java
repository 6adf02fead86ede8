package fedllm.models.llama;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void givesTheSameLogits() {
    JsonNode expected = golden.get("logits").get("last_position");
    float[] logits = model.logits(ids(golden.get("logits").get("prompt_ids")), none);
    assertEquals(expected.size(), logits.length);
    for (int i = 0; i < logits.length; i++) {
      assertEquals(expected.get(i).asDouble(), logits[i], 2e-5);
    }
  }

  private static int[] ids(JsonNode json) {
    return StreamSupport.stream(json.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
