package fedllm.peft.saved;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.peft.ia3.Ia3;
import fedllm.peft.lora.Lora;
import fedllm.peft.prompt.Prompt;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PlainLlama;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedTest {

  private static final Options NONE = TestOptions.none();

  @TempDir Path scratch;

  private final Adapters adapters = new Adapters(List.of(new Ia3(), new Lora(), new Prompt()));
  private final Bases bases = new Bases(List.of(new Llama()));

  @Test
  void goesOnWithTheValuesOfWhicheverMethodWroteThem() throws IOException {
    for (PeftMethod method : List.of(new Lora(), new Ia3(), new Prompt())) {
      Base base = base();
      Adapters.Opened written = written(method, base);
      Path folder = scratch.resolve(method.getClass().getSimpleName());
      Adapters.save(folder, written);
      Adapter adapter = new Saved(adapters).open(options(folder), base.architecture());
      assertEquals(written.adapter().files(), adapter.files());
      try (LanguageModel model = new LanguageModel(base, adapter)) {
        Tensors first = model.initial(9);
        assertEquals(written.values().schema(), first.schema());
        for (int t = 0; t < first.schema().tensors().size(); t++) {
          assertArrayEquals(written.values().values(t), first.values(t));
        }
      }
    }
  }

  @Test
  void refusesAFolderThatOnlySomeProcessWouldFind() throws IOException {
    try (Base base = base()) {
      for (String folder : List.of("adapter", "")) {
        Options options = TestOptions.of(Saved.Config.class, Map.of("folder", folder));
        SitsOut out =
            assertThrows(
                SitsOut.class, () -> new Saved(adapters).open(options, base.architecture()));
        assertTrue(out.getMessage().contains("absolute"), out.getMessage());
      }
    }
  }

  @Test
  void refusesAnAdapterOfAnotherModelByItsTensors() throws IOException {
    try (Base base = base()) {
      Path folder = scratch.resolve("other");
      Adapters.save(folder, written(new Lora(), base));
      Path wider = scratch.resolve("wider");
      Files.createDirectories(wider);
      String config = PlainLlama.CONFIG.replace("size\": 16", "size\": 32");
      new RandomModel(new Llama(), config, Head.TOKENS, wider).write(wider);
      SitsOut out =
          assertThrows(SitsOut.class, () -> adapters.open(folder, bases.architecture(wider, null)));
      assertTrue(out.getMessage().contains("lora_A.weight F32[8, 16] should have the shape"));
    }
  }

  private Base base() throws IOException {
    Path folder = scratch.resolve("base");
    if (!Files.exists(folder)) {
      new RandomModel(new Llama(), PlainLlama.CONFIG, Head.TOKENS, scratch).write(folder);
    }
    return bases.open(folder);
  }

  private static Adapters.Opened written(PeftMethod method, Base base) {
    Adapter adapter = method.open(NONE, base.architecture());
    Tensors values = new Tensors(adapter.schema());
    for (int t = 0; t < values.schema().tensors().size(); t++) {
      new Philox(t).addNormals(0, 1, values.values(t), values.values(t).length);
    }
    return new Adapters.Opened(adapter, values);
  }

  private static Options options(Path folder) {
    return TestOptions.of(Saved.Config.class, Map.of("folder", folder.toString()));
  }
}
