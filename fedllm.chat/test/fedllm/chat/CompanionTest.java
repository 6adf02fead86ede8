package fedllm.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.cli.methods.PluginJars;
import fedllm.cli.node.Workspace;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Precision;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.storage.Storage;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the plugins as they are built. */
class CompanionTest {

  private static final Path MODEL = Workspace.here().root().resolve("launch/demo/model");
  private static final Asked ASKED = new Asked(Sampling.GREEDY, 12, Set.of());

  @TempDir private Path folder;

  private PluginJars plugins;

  @BeforeEach
  void open() throws IOException {
    plugins = new PluginJars(Workspace.here().plugins());
  }

  @AfterEach
  void close() throws IOException {
    plugins.close();
  }

  /** The prompt's places come before each text; LoRA stands in layers. */
  @ParameterizedTest
  @ValueSource(strings = {"Lora", "Prompt"})
  void talksWithWhatWasLearned(String name) throws IOException {
    PeftMethod method =
        plugins.make(PeftMethod.class).stream()
            .filter(each -> each.getClass().getSimpleName().equals(name))
            .findFirst()
            .orElseThrow();
    Bases bases = new Bases(plugins.make(ModelFamily.class));
    Adapters adapters = new Adapters(plugins.make(PeftMethod.class));
    try (Base base = bases.open(MODEL, Head.TOKENS)) {
      Adapter adapter =
          method.open(TestOptions.ofPlugin(method.getClass(), Map.of()), base.architecture());
      Tensors values = new Tensors(adapter.schema());
      for (int i = 0; i < values.schema().tensors().size(); i++) {
        Philox.of(i, 0, "", 0, name).addNormals(0, 0.3f, values.values(i), values.values(i).length);
      }
      Adapters.save(folder, new Adapters.Opened(adapter, values));
      int[] prompt = base.tokenizer().encode("Question: Who are you?\nAnswer:");
      try (Companion learned = Companion.open(bases, Precision.FP32, adapters, MODEL, folder);
          Companion plain = Companion.open(bases, Precision.FP32, adapters, MODEL, null);
          LanguageModel whole =
              new LanguageModel(bases.open(MODEL, Head.TOKENS, Precision.FP32), adapter);
          NDManager owner = whole.newManager()) {
        int[] said = learned.generation().answer(prompt, ASKED, Listener.NONE).ids();
        int[] other = plain.generation().answer(prompt, ASKED, Listener.NONE).ids();
        assertFalse(Arrays.equals(said, other));
        NDList trained = whole.list(owner, "p", values);
        int[] text = prompt;
        while (text.length < prompt.length + 12) {
          int next = largest(whole.logits(text, trained));
          text = Arrays.copyOf(text, text.length + 1);
          text[text.length - 1] = next;
        }
        assertArrayEquals(Arrays.copyOfRange(text, prompt.length, text.length), said);
      }
    }
  }

  @Test
  void namesTheStoragesThatAreThere() throws IOException {
    Refused out = assertThrows(Refused.class, () -> plugins.named(Storage.class, "int9"));
    assertTrue(out.getMessage().contains("int8"), out.getMessage());
    assertTrue(plugins.named(Storage.class, "int8").coded());
  }

  @Test
  void leavesNothingOpenWhenTheAdapterIsNone() throws IOException {
    Bases bases = new Bases(plugins.make(ModelFamily.class));
    Adapters adapters = new Adapters(plugins.make(PeftMethod.class));
    Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\": \"NOSUCH\"}");
    Files.write(folder.resolve("adapter_model.safetensors"), new byte[8]);
    assertThrows(
        SitsOut.class, () -> Companion.open(bases, Precision.FP32, adapters, MODEL, folder));
    try (Companion companion = Companion.open(bases, Precision.FP32, adapters, MODEL, null)) {
      assertTrue(companion.base().architecture().causal());
    }
  }

  private static int largest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
