package fedllm.models.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.generate.Answer;
import fedllm.learning.generate.Answer.Reason;
import fedllm.learning.generate.Asked;
import fedllm.learning.generate.Ends;
import fedllm.learning.generate.Generation;
import fedllm.learning.generate.Listener;
import fedllm.learning.generate.Sampling;
import fedllm.learning.peft.Adapter;
import fedllm.learning.text.Tokenizer;
import fedllm.models.decoder.DecoderConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a model that writes children's stories. */
class GenerationTest {

  private static final Sampling SAMPLED = new Sampling(0.9, 40, 0.95, 1.1, 5);

  private Path folder;
  private LanguageModel model;
  private Tokenizer tokenizer;
  private NDManager owner;
  private NDList none;
  private Generation generation;

  @BeforeEach
  void open() {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    folder = Path.of(data, "stories260k");
    assumeTrue(Files.isDirectory(folder), "there is no stories260k");
    Base base = new Bases(List.of(new Llama())).open(folder);
    tokenizer = base.tokenizer();
    model = new LanguageModel(base, Adapter.NONE);
    owner = model.newManager();
    none = model.list(owner, "p", new Tensors(model.schema()));
    generation = new Generation(model, none);
  }

  @AfterEach
  void close() {
    if (model != null) {
      generation.close();
      model.close();
    }
  }

  @Test
  void writesTheGoldenTextsTokenByToken() throws Exception {
    JsonNode golden = new ObjectMapper().readTree(folder.resolve("golden.json").toFile());
    int texts = 0;
    for (Map.Entry<String, JsonNode> text : golden.path("greedy").properties()) {
      int[] expected = new ObjectMapper().convertValue(text.getValue().get("ids"), int[].class);
      int[] prompt = tokenizer.encode(text.getKey());
      Asked asked = new Asked(Sampling.GREEDY, expected.length - prompt.length, Set.of());
      Answer answer = generation.answer(prompt, asked, Listener.NONE);
      assertArrayEquals(Arrays.copyOfRange(expected, prompt.length, expected.length), answer.ids());
      // The reference program prints the piece of a byte by its name.
      String told = text.getValue().get("text").asText().replace("<0x0A>", "\n");
      assertEquals(told, tokenizer.decode(concat(prompt, answer.ids())));
      texts++;
    }
    assertEquals(2, texts);
  }

  @Test
  void writesTheSameInAnyBatch() {
    List<int[]> prompts = prompts();
    Asked asked = new Asked(SAMPLED, 60, Ends.of(model.base()), List.of("."), 0);
    List<Answer> together = generation.answers(prompts, asked, Listener.NONE);
    for (int i = 0; i < prompts.size(); i++) {
      Asked one = new Asked(SAMPLED, 60, Ends.of(model.base()), List.of("."), i);
      Answer alone = generation.answer(prompts.get(i), one, Listener.NONE);
      assertArrayEquals(alone.ids(), together.get(i).ids());
      assertEquals(alone.text(), together.get(i).text());
      assertEquals(alone.reason(), together.get(i).reason());
    }
    assertFalse(Arrays.equals(together.get(0).ids(), together.get(1).ids()));
  }

  /** Each text is read anew when its own length, not the batch's, says so. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'max_position_embeddings': 24, 'rope_scaling': {'type': 'dynamic', 'factor': 16}",
        "'rope_scaling': {'type': 'longrope', 'original_max_position_embeddings': 24,"
            + " 'short_factor': [1, 1, 1, 1], 'long_factor': [1, 2, 3, 4]}"
      })
  void writesTheSameInAnyBatchWhereRatesDependOnTheLength(String keys, @TempDir Path copy)
      throws Exception {
    for (String file : List.of("model.safetensors", "tokenizer.json")) {
      Files.copy(folder.resolve(file), copy.resolve(file));
    }
    String config = Files.readString(folder.resolve("config.json"));
    Files.writeString(
        copy.resolve("config.json"), DecoderConfig.with(config, keys.replace('\'', '"')));
    Asked asked = new Asked(Sampling.GREEDY, 30, Set.of());
    Base base = new Bases(List.of(new Llama())).open(copy);
    try (LanguageModel other = new LanguageModel(base, Adapter.NONE);
        Generation writes = new Generation(other, none)) {
      List<Answer> together = writes.answers(prompts(), asked, Listener.NONE);
      for (int i = 0; i < prompts().size(); i++) {
        int[] prompt = prompts().get(i);
        int[] whole = concat(prompt, together.get(i).ids());
        int[] read = prompt;
        while (read.length < whole.length) {
          read = concat(read, new int[] {largest(other.logits(read, none))});
        }
        assertArrayEquals(whole, read);
      }
    }
  }

  @Test
  void streamsWhatItReturnsAndNothingOfAStop() {
    List<StringBuilder> heard = new ArrayList<>();
    prompts().forEach(prompt -> heard.add(new StringBuilder()));
    Asked asked = new Asked(Sampling.GREEDY, 100, Ends.of(model.base()), List.of("was ve"), 0);
    List<Answer> answers =
        generation.answers(
            prompts(),
            asked,
            (prompt, piece) -> {
              heard.get(prompt).append(piece);
              return true;
            });
    boolean stopped = false;
    for (int i = 0; i < answers.size(); i++) {
      assertEquals(answers.get(i).text(), heard.get(i).toString());
      assertFalse(answers.get(i).text().contains("was ve"));
      stopped |= answers.get(i).reason() == Reason.STOP;
    }
    assertTrue(stopped, answers.toString());
  }

  @Test
  void goesOnInATalkAsIfItReadItAllAnew() {
    Asked asked = new Asked(Sampling.GREEDY, 20, Set.of());
    int[] prompt = tokenizer.encode("Once upon a time");
    Answer first = generation.answer(prompt, asked, Listener.NONE);
    int[] longer = concat(concat(prompt, first.ids()), new int[] {403, 407, 261});
    Answer second = generation.answer(longer, asked, Listener.NONE);
    Answer other = generation.answer(new int[] {1, 403, 300}, asked, Listener.NONE);
    try (Generation fresh = new Generation(model, none)) {
      assertArrayEquals(fresh.answer(longer, asked, Listener.NONE).ids(), second.ids());
    }
    try (Generation fresh = new Generation(model, none)) {
      assertArrayEquals(
          fresh.answer(new int[] {1, 403, 300}, asked, Listener.NONE).ids(), other.ids());
    }
  }

  @Test
  void stopsWhenNobodyListensAndGoesOnWithTheNext() {
    Asked asked = new Asked(Sampling.GREEDY, 50, Set.of());
    int[] prompt = tokenizer.encode("Once upon a time");
    Answer answer = generation.answer(prompt, asked, (text, piece) -> false);
    assertEquals(Reason.CANCELLED, answer.reason());
    assertEquals(1, answer.ids().length);
    assertEquals(50, generation.answer(prompt, asked, Listener.NONE).ids().length);
  }

  @Test
  void writesUpToTheContextAndRefusesWhatLeavesNoRoom() {
    int[] prompt = new int[500];
    Arrays.fill(prompt, 403);
    Asked asked = new Asked(Sampling.GREEDY, 1000, Set.of());
    Answer answer = generation.answer(prompt, asked, Listener.NONE);
    assertEquals(12, answer.ids().length);
    assertEquals(Reason.LENGTH, answer.reason());
    assertThrows(SitsOut.class, () -> generation.answer(new int[512], asked, Listener.NONE));
    assertThrows(SitsOut.class, () -> generation.answer(new int[0], asked, Listener.NONE));
  }

  private List<int[]> prompts() {
    return List.of(
        tokenizer.encode("Once upon a time, there was a little dog"),
        tokenizer.encode("Lily"),
        tokenizer.encode("One day, Tom and his mom"));
  }

  private static int largest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  private static int[] concat(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
