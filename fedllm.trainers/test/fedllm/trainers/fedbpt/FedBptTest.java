package fedllm.trainers.fedbpt;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Base;
import fedllm.learning.base.Reading;
import fedllm.learning.objective.Objective;
import fedllm.learning.seeds.Directions;
import fedllm.learning.seeds.Replay;
import fedllm.peft.lora.Lora;
import fedllm.strategies.population.Population;
import fedllm.testkit.AggregationContract.OnePart;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.causallm.CausalLm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FedBptTest {

  private static final Scope SERVER = new Scope("run", "server", 1);
  private static final Options NONE = TestOptions.none();

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  private static TestOptions options(Map<String, Object> changes) {
    Map<String, Object> values =
        new HashMap<>(
            Map.of("steps", 3, "batch", 8, "sequence", 16, "dimension", 12, "population", 6));
    values.putAll(changes);
    return TestOptions.ofPlugin(FedBpt.class, values).with("objective", new CausalLm(), NONE);
  }

  private Training open(String name, Map<String, Object> changes) {
    Options lora = TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", List.of("*")));
    Place place =
        new Place(
            base, new Scope("run", name, 1), SmallClient.examples("bank", 16), List.of(), lora);
    return new FedBpt(small.bases()).open(options(changes), place);
  }

  private static Work work(int round) {
    return new Work(round, Map.of(), QUIET);
  }

  /** The next state, by {@code population} and {@code fedbpt}. */
  private static Tensors next(int number, Tensors state, List<Learned> learned) {
    List<Member> members = new ArrayList<>();
    learned.forEach(one -> members.add(new Member("client-" + members.size(), one.examples())));
    List<Schema> sent = learned.stream().map(one -> one.update().schema()).toList();
    sent.forEach(one -> assertEquals(new Population().update(NONE, state.schema(), Map.of()), one));
    Round round = new Round(number, members, sent, state.schema(), SERVER);
    Aggregation stack = new Population().open(NONE, round);
    Schema combined = new Population().combined(NONE, round);
    Descent descent = new fedllm.strategies.fedbpt.FedBpt().open(NONE, SERVER);
    descent.begin(number);
    Schema after = descent.next(state.schema(), combined);
    List<float[]> values = new ArrayList<>();
    for (int m = 0; m < after.modules().size(); m++) {
      Unit unit = combined.modules().get(m);
      Block out = new Block();
      out.reset(unit.length());
      if (m == 0) {
        List<Part> parts = new ArrayList<>();
        for (int k = 0; k < members.size(); k++) {
          Tensors update = learned.get(k).update();
          parts.add(new OnePart(members.get(k), update.schema().tensors(), flat(update)));
        }
        stack.fold(unit, parts, out);
      }
      float[] update = new float[unit.length()];
      out.copyTo(update);
      Unit target = after.modules().get(m);
      float[] result = new float[target.length()];
      descent.step(target, flat(part(state, target)), update, result);
      values.add(result);
    }
    return cut(after, values);
  }

  private static Tensors part(Tensors state, Unit module) {
    return new Tensors(
        new Schema(module.tensors()),
        module.tensors().stream().map(tensor -> state.values(tensor.name())).toList());
  }

  private static float[] flat(Tensors tensors) {
    float[] all = new float[(int) tensors.schema().size()];
    int at = 0;
    for (int t = 0; t < tensors.schema().tensors().size(); t++) {
      float[] values = tensors.values(t);
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }

  private static Tensors cut(Schema schema, List<float[]> modules) {
    Tensors tensors = new Tensors(schema);
    int t = 0;
    for (int m = 0; m < modules.size(); m++) {
      int at = 0;
      for (int i = 0; i < schema.modules().get(m).tensors().size(); i++, t++) {
        float[] values = tensors.values(t);
        System.arraycopy(modules.get(m), at, values, 0, values.length);
        at += values.length;
      }
    }
    return tensors;
  }

  @Test
  void learnsOverRoundsByLossesAlone() {
    Map<String, Object> options = Map.of("scale", 0.3, "batch", 16);
    try (Training bank = open("bank", options);
        Training clinic = open("clinic", options)) {
      Tensors state = bank.initial().tensors();
      List<Double> losses = new ArrayList<>();
      for (int round = 1; round <= 6; round++) {
        List<Learned> learned =
            List.of(bank.train(work(round), state), clinic.train(work(round), state));
        losses.add(learned.get(0).metrics().get("loss.mean"));
        state = next(round, state, learned);
      }
      assertTrue(losses.get(5) < losses.get(0) - 0.01, losses.toString());
      assertEquals(6, state.values("fedllm.search.generation")[0]);
    }
  }

  @Test
  void noBackwardPassCanBeAskedFor() {
    Search search =
        new Search(
            options(Map.of()).as(FedBpt.Config.class),
            new Replay(new Directions(1, Directions.NORMAL), 1));
    try (Base opened = small.bases().open(base)) {
      Objective.Goal goal = new CausalLm().open(NONE, new Reading(opened, 16, false));
      assertEquals(1, search.parts(goal).size());
      String script = search.parts(goal).get(0).text(null);
      assertTrue(script.contains("def loss("), script);
      assertFalse(script.contains("grad"), script);
    }
  }

  @Test
  void theSameWorkGivesTheSameBits() {
    Tensors once;
    Start start;
    try (Training client = open("bank", Map.of("perturbed", 0.5))) {
      start = client.initial();
      once = client.train(work(1), start.tensors()).update();
      assertSame(once, client.train(work(1), start.tensors()).update());
    }
    try (Training restarted = open("bank", Map.of("perturbed", 0.5))) {
      assertSame(start.tensors(), restarted.initial().tensors());
      assertSame(once, restarted.train(work(1), start.tensors()).update());
    }
    try (Training plain = open("bank", Map.of())) {
      Tensors other = plain.train(work(1), start.tensors()).update();
      assertTrue(other.values("fedllm.search.losses")[0] > once.values("fedllm.search.losses")[0]);
    }
  }

  @Test
  void solutionsSpreadByWhatTheStepsBeforeMovedTheMean() {
    try (Training client = open("bank", Map.of("steps", 1))) {
      float[] spread =
          client.train(work(1), client.initial().tensors()).update().values("fedllm.search.spread");
      assertEquals(1, spread[0], "of one step it is the step's own");
      assertEquals(1, spread[1]);
    }
    try (Training client = open("bank", Map.of("steps", 2))) {
      float[] spread =
          client.train(work(1), client.initial().tensors()).update().values("fedllm.search.spread");
      assertEquals(1 / 3.0, spread[0] - spread[1], 1e-6, "three of six solutions are parents");
    }
  }

  @Test
  void measuresTheAdapterOfTheSearchsMean() {
    try (Training client = open("bank", Map.of())) {
      Tensors state = client.initial().tensors();
      Tensors at0 = client.view(work(1), state);
      state.values("seeds.sums")[3] = 1;
      Tensors moved = client.view(work(1), state).copy().minus(at0);
      double values = at0.schema().size();
      double deviation = SmallClient.norm(moved) / Math.sqrt(values);
      assertEquals(0.1 / Math.sqrt(12), deviation, 0.05 * 0.1, "scale over the root of d");
    }
  }
}
