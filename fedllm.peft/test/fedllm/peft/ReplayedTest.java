package fedllm.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.format.SafetensorsWriter;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.peft.Replayed;
import fedllm.learning.seeds.Directions;
import fedllm.learning.seeds.Replay;
import fedllm.models.llama.Llama;
import fedllm.peft.full.Full;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PlainLlama;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters in files of some kilobytes, whose values are made again. */
class ReplayedTest {

  private static final Options NONE = TestOptions.none();
  private static final long SEED = (1L << 60) + 1; // more than a double's 53 bits

  @TempDir Path scratch;
  private final Adapters adapters = new Adapters(List.of(new Lora(), new Full()));
  private final Bases bases = new Bases(List.of(new Llama()));
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = scratch.resolve("base");
    new RandomModel(new Llama(), PlainLlama.CONFIG, Head.TOKENS, scratch).write(model);
  }

  /** A folder, and the values that it stands for. */
  private Tensors write(PeftMethod method, Path folder) throws IOException {
    Replay replay = new Replay(new Directions(SEED, Directions.NORMAL), 0.01);
    Tensors sums =
        new Tensors(new Schema(List.of(Replay.sums(3))), List.of(new float[] {1, 0, -2}));
    Base base = bases.open(model);
    Adapter adapter = method.open(NONE, base.architecture());
    Files.createDirectories(folder);
    for (Map.Entry<String, String> file : Replayed.files(adapter.files(), replay).entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    weights(folder, sums);
    try (LanguageModel whole = new LanguageModel(base, adapter)) {
      return replay.of(whole.initial(SEED), sums.values(0), (what, done, of) -> {});
    }
  }

  private static void weights(Path folder, Tensors tensors) throws IOException {
    Path file = folder.resolve("adapter_model.safetensors");
    Files.deleteIfExists(file);
    try (SafetensorsWriter out = new SafetensorsWriter(file, tensors.schema(), Map.of())) {
      Tensor tensor = tensors.schema().tensors().get(0);
      out.write(Unit.block(tensor, 0), tensors.values(0));
      out.commit();
    }
  }

  @Test
  void opensWithTheValuesOfItsRun() throws IOException {
    for (PeftMethod method : List.of(new Lora(), new Full())) {
      Path folder = scratch.resolve(method.getClass().getSimpleName());
      Tensors expected = write(method, folder);
      Adapters.Opened opened =
          adapters.open(folder, bases.architecture(model, null), bases.weights(model, null));
      assertEquals(expected.schema(), opened.values().schema());
      for (int t = 0; t < expected.schema().tensors().size(); t++) {
        assertArrayEquals(expected.values(t), opened.values().values(t));
      }
    }
  }

  @Test
  void asksForTheBaseOnlyWhereValuesAreMadeOfIt() throws IOException {
    write(new Lora(), scratch.resolve("lora"));
    adapters.open(scratch.resolve("lora"), bases.architecture(model, null));
    Path full = scratch.resolve("full");
    write(new Full(), full);
    SitsOut out =
        assertThrows(SitsOut.class, () -> adapters.open(full, bases.architecture(model, null)));
    assertTrue(out.getMessage().startsWith(full.toString()), out.getMessage());
    assertTrue(out.getMessage().contains("merge it into a model first"), out.getMessage());
  }

  @Test
  void refusesWhatCannotBeReplayedByItsKey() throws IOException {
    Path folder = scratch.resolve("lora");
    write(new Lora(), folder);
    refuses(folder, "\"normal\"", "\"uniform\"", "directions");
    refuses(folder, "0.01", "0", "learning_rate");
    refuses(folder, "\"" + SEED + "\"", "\"many\"", "seed");
  }

  private void refuses(Path folder, String good, String bad, String key) throws IOException {
    Path file = folder.resolve("adapter_config.json");
    String text = Files.readString(file);
    assertTrue(text.contains(good), text);
    Files.writeString(file, text.replace(good, bad));
    SitsOut out =
        assertThrows(SitsOut.class, () -> adapters.open(folder, bases.architecture(model, null)));
    assertTrue(out.getMessage().contains(key), out.getMessage());
    assertTrue(out.getMessage().contains("adapter_config.json"), out.getMessage());
    Files.writeString(file, text);
  }

  @Test
  void refusesAFileWithoutSums() throws IOException {
    Path folder = scratch.resolve("lora");
    write(new Lora(), folder);
    weights(folder, new Tensors(new Schema(List.of(new Tensor("seeds", "other", List.of(3L))))));
    SitsOut out =
        assertThrows(SitsOut.class, () -> adapters.open(folder, bases.architecture(model, null)));
    assertTrue(out.getMessage().contains("lacks seeds.sums"), out.getMessage());
  }
}
