package fedllm.evaluators.perplexity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.models.llama.Llama;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PerplexityTest {

  private static final Example LONG =
      new Example.Text("Once upon a time, there was a little girl", " named Lily. She was happy.");
  private static final Example SHORT = new Example.Text("One day", ", a bird came.");
  private static final Example ODD = new Example.Text("zq zq", " xj");

  private Path base;

  @BeforeEach
  void find() {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    base = Path.of(data, "stories260k");
    assumeTrue(Files.isDirectory(base), "there is no stories260k");
  }

  @Test
  void weighsEveryTokenAlikeHoweverTheyAreBatched() {
    Map<String, Double> all = measure(Map.of("batch", 2), LONG, SHORT, ODD);
    double nats = 0;
    double tokens = 0;
    for (Example example : List.of(LONG, SHORT, ODD)) {
      Map<String, Double> one = measure(Map.of(), example);
      nats += one.get("loss") * one.get("tokens");
      tokens += one.get("tokens");
    }
    assertEquals(tokens, all.get("tokens"));
    assertEquals(nats / tokens, all.get("loss"), 1e-5);
    assertEquals(Math.exp(all.get("loss")), all.get("perplexity"));
  }

  @Test
  void measuresTheSameToTheBitInWhateverOrder() {
    assertEquals(
        measure(Map.of("batch", 2), LONG, SHORT, ODD),
        measure(Map.of("batch", 2), ODD, LONG, SHORT));
  }

  @Test
  void knowsAStoryFromNoise() {
    assertTrue(measure(Map.of(), LONG).get("loss") < 2);
    assertTrue(measure(Map.of(), ODD).get("loss") > 5);
  }

  @Test
  void measuresAnswersAloneWhereAsked() {
    Map<String, Double> all = measure(Map.of(), LONG);
    Map<String, Double> answer = measure(Map.of("loss", "answer"), LONG);
    assertTrue(answer.get("tokens") < all.get("tokens"));
    assertNotEquals(all.get("loss"), answer.get("loss"));
  }

  @Test
  void takesNoMoreExamplesThanTheLimit() {
    assertEquals(
        measure(Map.of(), LONG, SHORT), measure(Map.of("limit", 2, "batch", 8), LONG, SHORT, ODD));
  }

  @Test
  void saysThatNothingIsHeldOut() {
    assertThrows(SitsOut.class, () -> measure(Map.of()));
  }

  private Map<String, Double> measure(Map<String, ?> values, Example... heldOut) {
    Site site = new Silo(base, List.of(heldOut));
    try (Evaluation evaluation =
        new Perplexity(new Bases(List.of(new Llama())))
            .open(TestOptions.ofPlugin(Perplexity.class, values), site)) {
      return evaluation.evaluate(new Work(1, Map.of(), (what, done, of) -> {}), zero());
    }
  }

  /** The base as it is. */
  private static Tensors zero() {
    List<Tensor> tensors = new ArrayList<>();
    for (int layer = 0; layer < 5; layer++) {
      String module = "base_model.model.model.layers." + layer + ".self_attn.v_proj";
      tensors.add(new Tensor(module, "lora_A.weight", List.of(8L, 64L)));
      tensors.add(new Tensor(module, "lora_B.weight", List.of(32L, 8L)));
    }
    return new Tensors(new Schema(tensors));
  }

  private record Silo(Path base, List<Example> examples) implements Site {

    @Override
    public Scope scope() {
      return new Scope("run", "bank", 1);
    }

    @Override
    public Data data() {
      return new Data() {
        @Override
        public Stream<Example> train() {
          return Stream.of();
        }

        @Override
        public Stream<Example> heldOut() {
          return examples.stream();
        }
      };
    }

    @Override
    public <K> Choice<K> choice(String key, Class<K> contract) {
      return new Choice<>(
          contract.cast(new Lora()),
          TestOptions.of(Lora.Config.class, Map.of("targets", List.of("v_proj"))));
    }
  }
}
