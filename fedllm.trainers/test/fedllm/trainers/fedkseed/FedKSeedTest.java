package fedllm.trainers.fedkseed;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertNear;
import static fedllm.trainers.SmallClient.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.format.SafetensorsWriter;
import fedllm.learning.base.Base;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.seeds.Directions;
import fedllm.learning.seeds.Replay;
import fedllm.learning.train.LocalTraining;
import fedllm.peft.full.Full;
import fedllm.peft.lora.Lora;
import fedllm.strategies.add.Add;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.causallm.CausalLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FedKSeedTest {

  private static final Choice<PeftMethod> LORA =
      new Choice<>(
          new Lora(),
          TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", List.of("*"))));
  private static final Choice<PeftMethod> FULL = new Choice<>(new Full(), TestOptions.none());
  private static final Map<String, Object> FEW = Map.of("steps", 12, "seeds", 8);

  @TempDir Path folder;
  private Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    base = folder.resolve("base");
    Files.createDirectories(base);
    small = new SmallClient(base);
  }

  private Place place(String name, Choice<PeftMethod> peft) {
    List<Example> examples = SmallClient.examples("bank", 16);
    return new Place(base, new Scope("run", name, 1), examples, List.of(), peft);
  }

  private static Options options(Map<String, Object> changes) {
    Map<String, Object> values =
        new HashMap<>(Map.of("batch", 16, "sequence", 16, "learningRate", 3e-4));
    values.putAll(changes);
    return TestOptions.ofPlugin(FedKSeed.class, values)
        .with("objective", new CausalLm(), TestOptions.none());
  }

  private Training open(String name, Choice<PeftMethod> peft, Map<String, Object> changes) {
    return new FedKSeed(small.bases()).open(options(changes), place(name, peft));
  }

  private static Work work(int round) {
    return new Work(round, Map.of(), QUIET);
  }

  /** The next state, by {@code fedavg} and {@code add}. */
  private static Tensors next(int round, Tensors state, List<Learned> learned) {
    Options none = TestOptions.none();
    Scope scope = new Scope("run", "server", 1);
    List<Member> members = new ArrayList<>();
    learned.forEach(l -> members.add(new Member("c" + members.size(), l.examples())));
    Aggregation mean = new FedAvg().open(none, new Round(round, members, state.schema(), scope));
    var add = new Add().open(none, scope);
    add.begin(round);
    Tensors next = new Tensors(state.schema());
    for (int t = 0; t < state.schema().tensors().size(); t++) {
      Unit unit = Unit.block(state.schema().tensors().get(t), 0);
      List<Part> parts = new ArrayList<>();
      for (int k = 0; k < members.size(); k++) {
        parts.add(new Sent(members.get(k), unit.tensors(), learned.get(k).update().values(t)));
      }
      Block out = new Block();
      out.reset(unit.length());
      mean.fold(unit, parts, out);
      float[] combined = new float[unit.length()];
      out.copyTo(combined);
      add.step(unit, state.values(t), combined, next.values(t));
    }
    return next;
  }

  private record Sent(Member member, List<Tensor> tensors, float[] values) implements Part {}

  @Test
  void learnsOverRoundsOfWhichOnlyNumbersTravel() {
    Map<String, Object> options = Map.of("steps", 40, "seeds", 64);
    try (Training bank = open("bank", LORA, options);
        Training clinic = open("clinic", LORA, options)) {
      Tensors state = bank.initial().tensors();
      List<Double> losses = new ArrayList<>();
      for (int round = 1; round <= 4; round++) {
        List<Learned> learned =
            List.of(bank.train(work(round), state), clinic.train(work(round), state));
        losses.add(learned.get(0).metrics().get("loss.first"));
        state = next(round, state, learned);
        assertEquals(64, state.schema().size());
      }
      assertTrue(losses.get(3) < losses.get(0) - 0.03, losses.toString());
    }
  }

  @Test
  void theReplayOfAClientsStepsIsItsOwnModelUpToRounding() {
    FedKSeed.Config config = options(FEW).as(FedKSeed.Config.class);
    Directions directions = new Directions(1, Directions.NORMAL);
    FedKSeed.Walk walk = new FedKSeed.Walk(config, directions);
    try (LocalTraining local =
        new LocalTraining(small.bases(), options(FEW), place("bank", LORA), walk)) {
      Tensors first = local.initial().tensors();
      Tensors own = local.train(work(1), first).update();
      Tensors replayed =
          new Replay(directions, config.learningRate())
              .of(first, walk.pool().update().values(0), QUIET);
      assertTrue(SmallClient.norm(own) > 1e-3);
      assertNear(own, replayed.minus(first), 1e-3);
    }
  }

  @Test
  void clientsThatAreEqualAreTogetherAsOne() {
    try (Training client = open("bank", LORA, FEW)) {
      Tensors state = client.initial().tensors();
      Learned learned = client.train(work(1), state);
      Tensors one = next(1, state, List.of(learned));
      assertSame(learned.update(), one);
      assertSame(one, next(1, state, List.of(learned, learned, learned)));
    }
  }

  @Test
  void everyClientReplaysTheSameBits() {
    Tensors state;
    Tensors expected;
    try (Training bank = open("bank", FULL, FEW)) {
      state = bank.initial().tensors();
      state = next(1, state, List.of(bank.train(work(1), state)));
      expected = bank.view(work(2), state);
      assertSame(expected, bank.view(work(2), state));
    }
    try (Training clinic = open("clinic", FULL, FEW)) {
      assertSame(expected, clinic.view(work(2), state));
    }
  }

  @Test
  void goesOnFromWhatTheStateSaysAndNotFromItsOwnLastModel() {
    Tensors state;
    Learned undisturbed;
    try (Training client = open("bank", LORA, FEW)) {
      Tensors zero = client.initial().tensors();
      state = next(1, zero, List.of(client.train(work(1), zero)));
      undisturbed = client.train(work(2), state);
    }
    try (Training restarted = open("bank", LORA, FEW)) {
      assertSame(undisturbed.update(), restarted.train(work(2), state).update());
    }
  }

  @Test
  void theResultOpensAsTheAdapterThatItIs() throws IOException {
    for (Choice<PeftMethod> peft : List.of(LORA, FULL)) {
      Map<String, Object> options = Map.of("steps", 5, "seeds", 8, "directions", "sign");
      Tensors state;
      Tensors view;
      Start start;
      try (Training client = open("bank", peft, options)) {
        start = client.initial();
        state = client.train(work(1), start.tensors()).update();
        view = client.view(work(2), state);
      }
      Path adapter = Files.createDirectories(folder.resolve(peft.plugin().getClass().getName()));
      for (Map.Entry<String, String> file : start.files().entrySet()) {
        Files.writeString(adapter.resolve(file.getKey()), file.getValue());
      }
      try (SafetensorsWriter out =
          new SafetensorsWriter(
              adapter.resolve("adapter_model.safetensors"), state.schema(), Map.of())) {
        out.write(Unit.block(state.schema().tensors().get(0), 0), state.values(0));
        out.commit();
      }
      Adapters adapters = new Adapters(List.of(new Lora(), new Full()));
      try (Base opened = small.bases().open(base)) {
        Adapters.Opened read =
            adapters.open(adapter, opened.architecture(), small.bases().weights(base, null));
        for (int t = 0; t < view.schema().tensors().size(); t++) {
          assertArrayEquals(view.values(t), read.values().values(t));
        }
      }
    }
  }

  @Test
  void drawsSteepDirectionsMoreOftenWhereAskedTo() {
    try (Training client = open("bank", LORA, Map.of("steps", 12, "seeds", 8, "pro", true))) {
      Tensors state = client.initial().tensors();
      assertEquals(3, state.schema().tensors().size());
      Tensors update = client.train(work(1), state).update();
      double draws = 0;
      for (int s = 0; s < 8; s++) {
        draws += update.values(2)[s];
        assertTrue(update.values(1)[s] >= Math.abs(update.values(0)[s]) - 1e-3);
      }
      assertEquals(12, draws);
    }
    Tensors known =
        new Tensors(
            Pool.schema(options(Map.of("seeds", 3, "pro", true)).as(FedKSeed.Config.class)));
    known.values(1)[1] = 100;
    known.values(2)[1] = 1;
    Pool pool = Pool.of(known);
    int[] drawn = new int[3];
    for (int i = 0; i < 30_000; i++) {
      drawn[pool.draw(new Philox(i))]++;
    }
    double all = 2 + Math.E; // softmax of (0, 1, 0)
    assertEquals(Math.E / all, drawn[1] / 30_000.0, 0.01);
    assertEquals(1 / all, drawn[0] / 30_000.0, 0.01);
  }

  @Test
  void leavesStepsOutWhoseLossesDifferTooMuch() {
    try (Training client = open("bank", LORA, Map.of("steps", 4, "seeds", 8, "clip", 1e-12))) {
      Tensors update = client.train(work(1), client.initial().tensors()).update();
      assertEquals(0, SmallClient.norm(update));
    }
  }

  @Test
  void refusesWhatStepsCannotBeReplayedWith() {
    for (Map<String, Object> odd :
        List.<Map<String, Object>>of(
            Map.of("schedule", "cosine"), Map.of("warmup", 0.1), Map.of("weightDecay", 0.01))) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> options(odd));
      assertTrue(refused.getMessage().contains(odd.keySet().iterator().next()));
    }
  }
}
