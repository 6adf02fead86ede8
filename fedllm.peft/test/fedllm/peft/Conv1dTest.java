package fedllm.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.format.Dtype;
import fedllm.format.ModelFolder;
import fedllm.format.ModelTensors;
import fedllm.format.ModelWriter;
import fedllm.format.TensorInfo;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Merge;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.models.gpt2.Gpt2;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * GPT-2's matrices lie in its files as [in, out]. PEFT then writes {@code fan_in_fan_out: true},
 * keeps A as [rank, in] and B as [out, rank] all the same, and adds the transpose of their product.
 */
class Conv1dTest {

  private static final String LAYER = "transformer.h.1.mlp.c_fc";
  private static final String CONFIG = "adapter_config.json";
  private static final int IN = 12;
  private static final int OUT = 20;
  private static final int RANK = 3;

  @TempDir Path scratch;

  private final Bases bases = new Bases(List.of(new Gpt2()));

  @Test
  void mergesAsPeftDoes() throws IOException {
    Path base =
        new RandomModel(new Gpt2(), Others.GPT2, Head.TOKENS, scratch)
            .write(scratch.resolve("base"));
    Architecture model = bases.architecture(base, null);
    Adapters.Opened adapter = adapter(model);
    Path merged = scratch.resolve("merged");
    new Merge(ModelFolder.open(base), model, adapter)
        .write(merged, Dtype.F32, ModelWriter.SHARD_BYTES, (what, done, of) -> {});
    float[] a = adapter.values().values("base_model.model." + LAYER + ".lora_A.weight");
    float[] b = adapter.values().values("base_model.model." + LAYER + ".lora_B.weight");
    float[] before = read(base);
    float[] after = read(merged);
    for (int i = 0; i < IN; i++) {
      for (int o = 0; o < OUT; o++) {
        double sum = before[i * OUT + o];
        for (int r = 0; r < RANK; r++) {
          sum += 2.0 * b[o * RANK + r] * a[r * IN + i];
        }
        assertEquals(sum, after[i * OUT + o], 1e-5);
      }
    }
  }

  @Test
  void saysSoInTheConfiguration() throws IOException {
    Architecture model =
        bases.architecture(
            new RandomModel(new Gpt2(), Others.GPT2, Head.TOKENS, scratch)
                .write(scratch.resolve("base")),
            null);
    JsonNode config = new ObjectMapper().readTree(adapter(model).adapter().files().get(CONFIG));
    assertTrue(config.get("fan_in_fan_out").asBoolean());
    assertEquals(RANK, config.get("r").asInt());
  }

  /** PEFT sets it right by the layer's kind, whatever a file says. */
  @Test
  void readsTheSameWhateverAFileSaysOfIt() throws IOException {
    Architecture model =
        bases.architecture(
            new RandomModel(new Gpt2(), Others.GPT2, Head.TOKENS, scratch)
                .write(scratch.resolve("base")),
            null);
    Adapters.Opened adapter = adapter(model);
    Path folder = scratch.resolve("adapter");
    Adapters.save(folder, adapter);
    ObjectNode config = (ObjectNode) new ObjectMapper().readTree(folder.resolve(CONFIG).toFile());
    config.put("fan_in_fan_out", false);
    Files.writeString(folder.resolve(CONFIG), config.toString());
    Adapters.Opened read = new Adapters(List.of(new Lora())).open(folder, model);
    assertEquals(
        adapter.adapter().grafts().get(0).equation(), read.adapter().grafts().get(0).equation());
    assertEquals(adapter.values().schema(), read.values().schema());
  }

  private static Adapters.Opened adapter(Architecture model) {
    Adapter adapter =
        new Lora()
            .open(
                TestOptions.of(
                    Lora.Config.class,
                    Map.of("targets", List.of("c_fc"), "rank", RANK, "alpha", 6)),
                model);
    Tensors values = new Tensors(adapter.schema());
    for (int t = 0; t < values.schema().tensors().size(); t++) {
      Philox.of(5, 0, "", t, "conv").addNormals(0, 1, values.values(t), values.values(t).length);
    }
    return new Adapters.Opened(adapter, values);
  }

  /** As it lies in the file. */
  private static float[] read(Path folder) throws IOException {
    try (ModelTensors tensors = ModelTensors.open(ModelFolder.open(folder))) {
      TensorInfo tensor = tensors.tensor(LAYER + ".weight");
      assertEquals(List.of((long) IN, (long) OUT), tensor.shape());
      float[] values = new float[IN * OUT];
      tensors.file(tensor.name()).floats(tensor, 0, values, 0, values.length);
      return values;
    }
  }
}
