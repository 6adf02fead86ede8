package fedllm.trainers.adamw;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.peft.ia3.Ia3;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.causallm.CausalLm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that is given fewer ranks than the job has. */
class RanksTest {

  @TempDir Path folder;
  private SmallClient client;

  @BeforeEach
  void base() throws IOException {
    client = new SmallClient(folder);
  }

  @Test
  void learnsWhatAJobOfThatRankAndScaleLearns() {
    try (Training four = open(4, 16.0);
        Training two = open(2, 8.0)) {
      Tensors global = moved(four.initial().tensors());
      Tensors less = prefix(global, two.initial().tensors());
      assertSame(
          two.train(work(Map.of()), less).update(), four.train(work(rank(2)), global).update());
    }
  }

  @Test
  void withAllRanksLearnsAsWithoutTheSetting() {
    try (Training four = open(4, 16.0)) {
      Tensors global = moved(four.initial().tensors());
      assertSame(
          four.train(work(Map.of()), global).update(), four.train(work(rank(4)), global).update());
    }
  }

  @Test
  void refusesARankThatTheJobHasNot() {
    try (Training four = open(4, 16.0)) {
      Tensors global = four.initial().tensors();
      SitsOut more = assertThrows(SitsOut.class, () -> four.train(work(rank(5)), global));
      assertTrue(more.getMessage().contains("gives the rank 5"), more.getMessage());
      assertTrue(more.getMessage().contains("has 4"), more.getMessage());
      for (Object odd : new Object[] {0, -1, 2.5, "two"}) {
        assertThrows(SitsOut.class, () -> four.train(work(Map.of("rank", odd)), global));
      }
    }
  }

  @Test
  void refusesARankOfAMethodThatHasNone() {
    try (Training ia3 =
        open(
            new Place(
                folder,
                scope(),
                examples(),
                List.of(),
                new Choice<>(new Ia3(), TestOptions.none())))) {
      SitsOut none =
          assertThrows(SitsOut.class, () -> ia3.train(work(rank(2)), ia3.initial().tensors()));
      assertTrue(none.getMessage().contains("peft has none"), none.getMessage());
    }
  }

  private Training open(int rank, double alpha) {
    Options lora =
        TestOptions.of(
            Lora.Config.class, Map.of("rank", rank, "alpha", alpha, "targets", List.of("*")));
    return open(new Place(folder, scope(), examples(), List.of(), lora));
  }

  private Training open(Place place) {
    Map<String, Object> values =
        Map.of("steps", 3, "batch", 4, "sequence", 16, "learningRate", 0.01);
    return new AdamW(client.bases())
        .open(
            TestOptions.ofPlugin(AdamW.class, values)
                .with("objective", new CausalLm(), TestOptions.none()),
            place);
  }

  private static Scope scope() {
    return new Scope("run", "bank", 1);
  }

  private static List<Example> examples() {
    return SmallClient.examples("bank", 12);
  }

  private static Work work(Map<String, Object> settings) {
    return new Work(1, settings, QUIET);
  }

  private static Map<String, Object> rank(int rank) {
    return Map.of("rank", rank);
  }

  /** No factor is zero any more. */
  private static Tensors moved(Tensors first) {
    Tensors moved = first.copy();
    for (int t = 0; t < moved.schema().tensors().size(); t++) {
      float[] values = moved.values(t);
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (0.05 * Math.sin(i + 3.0 * t));
      }
    }
    return moved;
  }

  /** The first rows of each A and columns of each B. */
  private static Tensors prefix(Tensors global, Tensors shaped) {
    Tensors prefix = shaped.copy();
    for (int t = 0; t < prefix.schema().tensors().size(); t++) {
      Tensor mine = prefix.schema().tensors().get(t);
      Tensor all = global.schema().tensors().get(t);
      assertEquals(all.name(), mine.name());
      long width = mine.shape().get(1);
      for (int i = 0; i < mine.size(); i++) {
        prefix.values(t)[i] = global.values(t)[(int) (i / width * all.shape().get(1) + i % width)];
      }
    }
    return prefix;
  }
}
