package fedllm.trainers.fwdllm;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.seeds.Direction;
import fedllm.learning.train.LocalTraining;
import fedllm.peft.lora.Lora;
import fedllm.testkit.Snapshots;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.causallm.CausalLm;
import fedllm.trainers.sgd.Sgd;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FwdLlmTest {

  private static final List<Example> TEXTS = SmallClient.examples("bank", 16);
  private static final List<String> TARGETS = List.of("q_proj");

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  private Training open(Map<String, Object> options) {
    Map<String, Object> values = new HashMap<>(Map.of("batch", 4, "sequence", 16));
    values.putAll(options);
    return new FwdLlm(small.bases())
        .open(
            TestOptions.ofPlugin(FwdLlm.class, values)
                .with("objective", new CausalLm(), TestOptions.none()),
            place());
  }

  private Place place() {
    Options lora = TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", TARGETS));
    return new Place(base, new Scope("run", "bank", 1), TEXTS, List.of(), lora);
  }

  /** The mean of both halves, one value after the other. */
  private static double[] estimate(Tensors halves) {
    List<Double> all = new ArrayList<>();
    for (int t = 0; t < halves.schema().tensors().size(); t += 2) {
      for (int i = 0; i < halves.values(t).length; i++) {
        all.add(((double) halves.values(t)[i] + halves.values(t + 1)[i]) / 2);
      }
    }
    return all.stream().mapToDouble(x -> x).toArray();
  }

  private static double[] flat(Tensors tensors, double scale) {
    List<Double> all = new ArrayList<>();
    for (int t = 0; t < tensors.schema().tensors().size(); t++) {
      for (float value : tensors.values(t)) {
        all.add(value * scale);
      }
    }
    return all.stream().mapToDouble(x -> x).toArray();
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** By back-propagation, of the same batch. */
  private double[] gradient() {
    double rate = 1e-3;
    Map<String, Object> one = Map.of("steps", 1, "batch", 16, "learningRate", rate);
    try (Training client = small.open(Sgd::new, "bank", TEXTS, TARGETS, one)) {
      return flat(train(client, 1).update(), -1 / rate);
    }
  }

  @Test
  void estimatesTheGradientInTheMean() {
    double[] gradient = gradient();
    double squares = product(gradient, gradient);
    int draws = 300;
    double[] estimate;
    try (Training client = open(Map.of("steps", 1, "batch", 16, "perturbations", draws))) {
      estimate = estimate(train(client, 1).update());
    }
    // (v g)^2 has the deviation sqrt(2) |g|^2, (v g)(v u) for u across g and of length 1 has |g|.
    double along = product(estimate, gradient) / squares;
    assertEquals(1, along, 4 * Math.sqrt(2.0 / draws));
    float[] normals = new float[gradient.length];
    new Philox(3).addNormals(0, 1, normals, normals.length);
    double[] across = new double[gradient.length];
    for (int i = 0; i < across.length; i++) {
      across[i] = normals[i];
    }
    double share = product(across, gradient) / squares;
    for (int i = 0; i < across.length; i++) {
      across[i] -= share * gradient[i];
    }
    double length = Math.sqrt(product(across, across));
    assertEquals(0, product(estimate, across) / length, 4 * Math.sqrt(squares / draws));
  }

  @Test
  void theModelStaysWhereItIsToTheBit() {
    Options options =
        TestOptions.ofPlugin(FwdLlm.class, Map.of("steps", 3, "batch", 4, "sequence", 16))
            .with("objective", new CausalLm(), TestOptions.none());
    FwdLlm.Look look = new FwdLlm.Look(options.as(FwdLlm.Config.class));
    try (LocalTraining local = new LocalTraining(small.bases(), options, place(), look)) {
      Tensors update =
          local.train(new Work(1, Map.of(), QUIET), local.initial().tensors()).update();
      assertEquals(0, SmallClient.norm(update));
    }
  }

  @Test
  void halvesAreOfDirectionsThatTakeTurns() {
    Tensors one;
    Tensors two;
    try (Training client = open(Map.of("steps", 2, "perturbations", 1))) {
      one = train(client, 1).update();
    }
    try (Training client = open(Map.of("steps", 2, "perturbations", 2))) {
      two = train(client, 1).update();
    }
    assertEquals(one.schema(), two.schema());
    List<Tensor> tensors = one.schema().tensors();
    assertTrue(tensors.get(0).name().endsWith(".first"), tensors.toString());
    assertTrue(tensors.get(1).name().endsWith(".second"), tensors.toString());
    assertTrue(SmallClient.norm(one.copy().minus(two)) > 0);
  }

  @Test
  void asksForTwoDirectionsAtLeast() {
    try (Training client = open(Map.of("steps", 1))) {
      SitsOut out = assertThrows(SitsOut.class, () -> train(client, 1));
      assertTrue(out.getMessage().contains("trainer.steps"), out.getMessage());
    }
  }

  @Test
  void remembersWhereTheStateWentThroughARestart() throws IOException {
    Map<String, Object> options = Map.of("steps", 2, "candidates", 10);
    Tensors expected;
    byte[] kept;
    Tensors moved;
    try (Training client = open(options)) {
      Tensors global = client.initial().tensors();
      client.train(work(1), global);
      moved = moved(global);
      client.train(work(2), moved);
      kept = Snapshots.bytes((Stateful) client);
      expected = client.train(work(3), moved).update();
    }
    try (Training restarted = open(options)) {
      ((Stateful) restarted).restore(new DataInputStream(new ByteArrayInputStream(kept)));
      assertSame(expected, restarted.train(work(3), moved).update());
    }
    try (Training forgetful = open(options)) {
      Tensors other = forgetful.train(work(3), moved).update();
      assertTrue(SmallClient.norm(other.minus(expected)) > 0, "the bearing chose nothing");
    }
  }

  private static Work work(int round) {
    return new Work(round, Map.of(), QUIET);
  }

  private static Tensors moved(Tensors from) {
    Tensors to = from.copy();
    for (int t = 0; t < to.schema().tensors().size(); t++) {
      new Philox(t).addNormals(0, 0.1f, to.values(t), to.values(t).length);
    }
    return to;
  }

  /** More than 1000 candidates, at which the published code kept those of the last part alone. */
  @Test
  void choosesTheNearestOfAllCandidates() {
    Tensors went = moved(new Tensors(new Schema(List.of(new Tensor("m", "w", List.of(6000L))))));
    Bearing bearing = new Bearing(went);
    List<Direction> all = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      all.add(new Philox(1000 + i)::addNormals);
    }
    List<Direction> chosen = bearing.nearest(150, 10, all::get);
    Set<Direction> nearest =
        new HashSet<>(
            all.stream()
                .sorted(Comparator.comparingDouble((Direction v) -> -bearing.cosine(v)))
                .limit(150)
                .toList());
    assertEquals(nearest, new HashSet<>(chosen));
    assertEquals(
        List.of(all.get(0), all.get(1)), Bearing.NONE.nearest(2, 10, all::get), "nothing to go by");
    double mean = chosen.stream().mapToDouble(bearing::cosine).average().orElseThrow();
    assertTrue(mean > 1.5 * SmallClient.norm(went) / Math.sqrt(6000), "the nearest tenth: " + mean);
  }
}
