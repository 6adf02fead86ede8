package fedllm.models.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Generation;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.peft.Adapter;
import fedllm.models.decoder.DecoderConfig;
import fedllm.testkit.learning.RandomModel;
import fedllm.testkit.learning.WordPieces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaTest {

  private static final String PLAIN =
      DecoderConfig.of("llama", 2, 2, false, "\"max_position_embeddings\": 64");

  private static final int[] TEXT = {3, 1, 4, 1, 5, 9, 2, 6, 5};

  @TempDir Path folder;

  private final Bases bases = new Bases(List.of(new Llama()));

  /** Hugging Face's models without a head have the shorter names. */
  @Test
  void readsFilesWhoseNamesLackTheModelsOwn() throws Exception {
    Path whole = random(PLAIN, Head.TOKENS).write(folder.resolve("whole"));
    Path bare = folder.resolve("bare");
    Files.createDirectories(bare);
    Files.copy(whole.resolve("config.json"), bare.resolve("config.json"));
    byte[] file = Files.readAllBytes(whole.resolve("model.safetensors"));
    String text = new String(file, StandardCharsets.ISO_8859_1);
    // The header keeps its length: what a name loses it gets as space behind it.
    String shorter = text.replaceAll("\"model\\.([a-z_0-9.]*)\"", "\"$1\"      ");
    Files.write(bare.resolve("model.safetensors"), shorter.getBytes(StandardCharsets.ISO_8859_1));
    assertArrayEquals(logits(whole), logits(bare));
  }

  @Test
  void refusesAHeadThatNobodyTrains() throws Exception {
    Head head = new Head(Head.Kind.SEQUENCE_CLASSES, 3);
    Path tokens = random(PLAIN, Head.TOKENS).write(folder.resolve("tokens"));
    Base base = bases.open(tokens, head);
    SitsOut out = assertThrows(SitsOut.class, () -> new LanguageModel(base, Adapter.NONE));
    assertTrue(out.getMessage().contains("score"), out.getMessage());
  }

  /** With these the first tokens turn otherwise in a longer text. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"type\": \"dynamic\", \"factor\": 8.0",
        "\"type\": \"longrope\", \"short_factor\": [1, 1], \"long_factor\": [2, 9],"
            + " \"original_max_position_embeddings\": 6"
      })
  void writesBeyondItsFirstContextWhatReadingTheWholeAgainGives(String scaling) throws Exception {
    String config =
        DecoderConfig.of(
            "llama",
            1,
            2,
            true,
            "\"max_position_embeddings\": %d, \"rope_scaling\": {%s}"
                .formatted(scaling.contains("dynamic") ? 6 : 12, scaling));
    Path path = random(config, Head.TOKENS).write(folder.resolve("model"));
    try (LanguageModel model = new LanguageModel(bases.open(path), Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", model.initial(1));
      int[] text = Arrays.copyOf(TEXT, 4);
      while (text.length < 12) {
        float[] logits = model.logits(text, none);
        text = Arrays.copyOf(text, text.length + 1);
        text[text.length - 1] = largest(logits);
      }
      WordPieces.write(path, List.of());
      Asked asked = new Asked(Sampling.GREEDY, 8, Set.of());
      try (Generation generation = new Generation(model, none)) {
        Answer answer = generation.answer(Arrays.copyOf(TEXT, 4), asked, Listener.NONE);
        assertArrayEquals(Arrays.copyOfRange(text, 4, 12), answer.ids());
      }
    }
  }

  @Test
  void goesOnFromNoCacheThatWasMadeWithOtherRates() throws Exception {
    String config =
        PLAIN.replace(": 64", ": 4, \"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 8}");
    Path path = random(config, Head.TOKENS).write(folder.resolve("model"));
    try (LanguageModel model = new LanguageModel(bases.open(path), Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", model.initial(1));
      NDList cache = model.cache(owner, 1, 8);
      model.next(tokens(model, owner, 0, 4), cache, none);
      NDList fifth = tokens(model, owner, 4, 5);
      assertThrows(IllegalArgumentException.class, () -> model.next(fifth, cache, none));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hidden_act, '\"gelu\"'",
    "sliding_window, 4096",
    "quantization_config, '{}'",
    "num_key_value_heads, 3",
    "head_dim, 5",
    "num_hidden_layers, 0",
    "tie_word_embeddings, 1",
    "partial_rotary_factor, 0.5",
    "attention_bias, 1",
    "rope_theta, 1",
    "layer_types, '[\"full_attention\", \"sliding_attention\"]'",
    "attn_logit_softcapping, 50",
    "num_local_experts, 8",
    "logits_scaling, 8",
    "is_causal, false",
    "architectures, '[\"LlamaForQuestionAnswering\"]'"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) throws Exception {
    SitsOut out = refusal(key, value);
    assertTrue(
        out.getMessage().contains(folder.resolve("config.json") + ": " + key + " is "),
        out.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "rope_type, '\"rope_type\": \"spiral\"'",
    "type, '\"type\": \"ntk\"'",
    "type, '\"type\": \"linear\", \"rope_type\": \"dynamic\", \"factor\": 2'",
    "factor, '\"type\": \"linear\"'",
    "factor, '\"type\": \"linear\", \"factor\": 0.5'",
    "factor, '\"type\": \"linear\", \"factor\": \"2\"'",
    "factor, '\"type\": \"yarn\"'",
    "factor, '\"rope_type\": \"default\", \"factor\": 2'",
    "alpha, '\"type\": \"dynamic\", \"factor\": 2, \"alpha\": 1000'",
    "low_freq_factor, '\"rope_type\": \"llama3\", \"factor\": 8'",
    "original_max_position_embeddings, '\"rope_type\": \"dynamic\", \"factor\": 8,"
        + " \"original_max_position_embeddings\": 7'",
    "rope_theta, '\"rope_type\": \"default\", \"rope_theta\": 7'",
    "original_max_position_embeddings, '\"type\": \"longrope\", \"short_factor\": [1, 1],"
        + " \"long_factor\": [2, 2]'",
    "long_factor, '\"type\": \"su\", \"short_factor\": [1, 1], \"long_factor\": [2],"
        + " \"original_max_position_embeddings\": 16'",
    "factor, '\"type\": \"su\", \"short_factor\": [1, 1], \"long_factor\": [2, 2], \"factor\": 2,"
        + " \"original_max_position_embeddings\": 16'",
    "full_attention, '\"full_attention\": {\"rope_type\": \"default\"}'"
  })
  void refusesAScalingOfTheRotaryEmbeddingByItsKey(String key, String keys) throws Exception {
    for (String spelling : List.of("rope_scaling", "rope_parameters")) {
      SitsOut out = refusal(spelling, "{" + keys + "}");
      assertTrue(
          out.getMessage().contains("config.json: " + spelling + ": " + key + " is "),
          out.getMessage());
    }
  }

  private SitsOut refusal(String key, String value) throws Exception {
    Path file = folder.resolve("config.json");
    Files.writeString(file, DecoderConfig.with(PLAIN, "\"" + key + "\": " + value));
    return assertThrows(SitsOut.class, () -> new Llama().open(ModelConfig.read(file), Head.TOKENS));
  }

  @Test
  void sharesOneBaseAmongAllWhoHaveItOpen() throws Exception {
    RandomModel llama = random(PLAIN, Head.TOKENS);
    Path here = llama.write(folder.resolve("here"));
    Path there = llama.write(folder.resolve("there"));
    Base first = bases.open(here);
    try (Base second = bases.open(there)) {
      assertTrue(first == second, "equal files were loaded twice");
    }
    try (Base third = bases.open(here)) {
      assertTrue(first == third, "a base went while it was in use");
    }
    first.close();
    try (Base fourth = bases.open(here)) {
      assertTrue(first != fourth, "a base stayed that nobody used");
    }
  }

  private RandomModel random(String config, Head head) throws IOException {
    return new RandomModel(new Llama(), config, head, folder);
  }

  private float[] logits(Path path) {
    try (LanguageModel model = new LanguageModel(bases.open(path), Adapter.NONE);
        NDManager owner = model.newManager()) {
      return model.logits(TEXT, model.list(owner, "p", model.initial(1)));
    }
  }

  private static NDList tokens(LanguageModel model, NDManager owner, int from, int to) {
    long[] fed = Arrays.stream(TEXT, from, to).asLongStream().toArray();
    return model.batch(owner, 1, fed, null, new long[0], from);
  }

  private static int largest(float[] values) {
    int largest = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[largest]) {
        largest = i;
      }
    }
    return largest;
  }
}
