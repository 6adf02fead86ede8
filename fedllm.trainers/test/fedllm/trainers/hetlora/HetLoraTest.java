package fedllm.trainers.hetlora;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertNear;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.Phase;
import fedllm.peft.ia3.Ia3;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.causallm.CausalLm;
import fedllm.trainers.sgd.Sgd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HetLoraTest {

  @TempDir Path folder;
  private SmallClient client;

  @BeforeEach
  void base() throws IOException {
    client = new SmallClient(folder);
  }

  private static Options sgd() {
    return sgd(2);
  }

  private static Options sgd(int steps) {
    return TestOptions.ofPlugin(
            Sgd.class, Map.of("steps", steps, "batch", 4, "sequence", 16, "learningRate", 0.1))
        .with("objective", new CausalLm(), TestOptions.none());
  }

  private Place place(PeftMethod method, Options options) {
    return new Place(
        folder,
        new Scope("run", "bank", 1),
        SmallClient.examples("bank", 12),
        List.of(),
        new Choice<>(method, options));
  }

  private Place lora() {
    return place(
        new Lora(),
        TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", List.of("q_proj"))));
  }

  private Training open(double lambda, double gamma, int least) {
    Map<String, Object> values = Map.of("lambda", lambda, "gamma", gamma, "least", least);
    Trainer sgd = new Sgd(client.bases());
    return new HetLora()
        .open(TestOptions.of(HetLora.Config.class, values).with("of", sgd, sgd()), lora());
  }

  private static Work work(boolean absolute) {
    return new Work(2, absolute ? Map.of(Work.PAYLOAD, Work.VALUES) : Map.of(), QUIET);
  }

  /** No factor is zero. */
  private static Tensors state(Training training) {
    Tensors state = training.initial().tensors();
    for (int t = 0; t < state.schema().tensors().size(); t++) {
      float[] values = state.values(t);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * Math.sin(1 + i * 1.3 + t));
      }
    }
    return state;
  }

  @Test
  void withoutPressureTrainsAsItsTrainerDoes() {
    try (Training pressed = open(0, 0.99, 4);
        Training plain = new Sgd(client.bases()).open(sgd(), lora())) {
      Tensors state = state(plain);
      Learned learned = pressed.train(work(false), state);
      assertNear(plain.train(work(false), state).update(), learned.update(), 1e-4);
      assertEquals(4, learned.metrics().get("rank"), "of 4 ranks at least 4 are none too many");
    }
  }

  /** Steps of SGD are -0.1 times the gradient, of which the tail's is λ |B_t| A_t / |A_t| more. */
  @Test
  void theTailsGradientIsThatOfTheProductOfItsNorms() {
    try (GradientTraining sgd = (GradientTraining) new Sgd(client.bases()).open(sgd(1), lora())) {
      Tensors state = state(sgd);
      List<Tail> tails = Tail.of(state.schema(), 0.5, 1);
      Phase pressed = Phase.WHOLE.with(Tail.pressure(tails, 0.5));
      Tensors without = sgd.train(work(false), state, Phase.WHOLE).update();
      Tensors with = sgd.train(work(false), state, pressed).update();
      for (Tail tail : tails) {
        float[] a = state.values(tail.a());
        float[] b = state.values(tail.b());
        double ratio = norm(b, i -> i % 4 >= 2) / norm(a, i -> i >= a.length / 2);
        for (int i = 0; i < a.length; i++) {
          double more = i < a.length / 2 ? 0 : -0.1 * 0.5 * ratio * a[i];
          assertEquals(without.values(tail.a())[i] + more, with.values(tail.a())[i], 1e-6);
        }
        for (int i = 0; i < b.length; i++) {
          double more = i % 4 < 2 ? 0 : -0.1 * 0.5 / ratio * b[i];
          assertEquals(without.values(tail.b())[i] + more, with.values(tail.b())[i], 1e-6);
        }
      }
    }
  }

  private static double norm(float[] values, IntPredicate which) {
    return Math.sqrt(
        IntStream.range(0, values.length)
            .filter(which)
            .mapToDouble(i -> (double) values[i] * values[i])
            .sum());
  }

  @Test
  void letsTheTailGoWhereItShrinksAndSaysSo() {
    try (Training training = open(2, 0.5, 1)) {
      Tensors state = state(training);
      for (boolean absolute : new boolean[] {true, false}) {
        Learned learned = training.train(work(absolute), state);
        assertEquals(2, learned.metrics().get("rank"));
        for (Tail tail : Tail.of(state.schema(), 0.5, 1)) {
          float[] rows = learned.update().values(tail.a());
          float[] was = state.values(tail.a());
          for (int i = rows.length / 2; i < rows.length; i++) {
            assertEquals(absolute ? 0 : -was[i], rows[i], "row of the tail at " + i);
          }
        }
      }
    }
  }

  @Test
  void keepsAllRanksWhereTheTailGrows() {
    try (Training training = open(0, 0.5, 1)) {
      Tensors first = training.initial().tensors(); // B is zero, and so is every product
      Learned learned = training.train(work(true), first);
      assertEquals(4, learned.metrics().get("rank"));
      assertTrue(learned.metrics().get("tail") > 0);
    }
  }

  @Test
  void refusesAMethodWithoutFactors() {
    Trainer sgd = new Sgd(client.bases());
    Options options = TestOptions.of(HetLora.Config.class, Map.of()).with("of", sgd, sgd());
    try (Training training = new HetLora().open(options, place(new Ia3(), TestOptions.none()))) {
      Tensors first = training.initial().tensors();
      SitsOut none = assertThrows(SitsOut.class, () -> training.train(work(true), first));
      assertTrue(none.getMessage().contains("name lora"), none.getMessage());
    }
  }
}
