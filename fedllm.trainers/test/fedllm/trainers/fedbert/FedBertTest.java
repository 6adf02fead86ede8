package fedllm.trainers.fedbert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import fedllm.models.bert.Bert;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.trainers.Place;
import fedllm.trainers.SmallClient;
import fedllm.trainers.maskedlm.MaskedLm;
import fedllm.trainers.sequenceclassification.Classes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small BERT in pieces, with something to train at every place. */
class FedBertTest {

  private static final String TRUNK = "trunk";

  private static final List<Example> TEXTS =
      List.of(
          new Example.Text("a b c d e f", ""),
          new Example.Text("mia played ", "a b"),
          new Example.Text("rio playing c d", ""));

  private final Bases bases = new Bases(List.of(new Bert(), new Llama()));
  private Path base;

  @BeforeEach
  void write(@TempDir Path folder) throws IOException {
    base = Classes.write(folder, Head.TOKENS, "");
  }

  private Place silo(String seedName, Function<Architecture, Adapter> method) {
    PeftMethod peft = (options, architecture) -> method.apply(architecture);
    return new Place(
        base,
        new Scope("run", seedName, 1),
        TEXTS,
        List.of(),
        new Choice<>(peft, TestOptions.none()));
  }

  private static Options options() {
    Options masks =
        TestOptions.of(MaskedLm.Config.class, Map.of("mask", ".", "share", 0.4, "random", 0));
    return TestOptions.ofPlugin(
            FedBert.class, Map.of("batch", 2, "sequence", 12, "learningRate", 0.01))
        .with("objective", new MaskedLm(), masks);
  }

  private PhaseTraining open(String seedName) {
    return (PhaseTraining) new FedBert(bases).open(options(), silo(seedName, Everywhere::of));
  }

  /** Clients and the silo of the layers, and the state between them, as the strategy makes it. */
  private static final class Federation implements AutoCloseable {
    final Map<String, PhaseTraining> sides = new LinkedHashMap<>();
    final Streams streams;
    final Map<String, Double> losses = new HashMap<>();
    Tensors adapter;
    Tensors lower;
    Tensors upper;

    Federation(Map<String, PhaseTraining> sides, Streams streams) {
      this.sides.putAll(sides);
      this.streams = streams;
      adapter = sides.get(TRUNK).initial().tensors();
    }

    Learned ask(String side, String phase, int step, Tensors state) {
      boolean fresh = step == 0 && (phase.equals("below") || phase.equals("trunk"));
      Map<String, Object> settings =
          Map.of(
              "phase",
              phase,
              "step",
              step,
              "client",
              side,
              "trunk",
              side.equals(TRUNK),
              "fresh",
              fresh,
              Work.PAYLOAD,
              Work.VALUES);
      return sides.get(side).train(new Work(1, settings, SmallClient.QUIET), state);
    }

    /** What all clients say, stacked. */
    Tensors clients(String phase, int step, Tensors state, String module) {
      Map<String, Streams.Row> rows = new LinkedHashMap<>();
      for (String side : sides.keySet()) {
        if (!side.equals(TRUNK)) {
          Learned learned = ask(side, phase, step, state);
          assertTrue(learned.absolute());
          if (!module.equals(Streams.ENDS)) {
            rows.putAll(streams.rows(learned.update(), module));
          }
          learned.metrics().forEach((name, loss) -> losses.put(side, loss));
        }
      }
      return module.equals(Streams.ENDS) ? null : streams.update(module, rows);
    }

    void step(int step) {
      lower = clients("below", step, adapter, Streams.LOWER);
      upper = ask(TRUNK, "trunk", step, step == 0 ? both(adapter, lower) : lower).update();
      upper = clients("head", step, upper, Streams.UPPER);
      lower = ask(TRUNK, "layers", step, both(lower, upper)).update();
      clients("back", step, lower, Streams.ENDS);
    }

    /** Without what the first state has of the cuts. */
    private static Tensors both(Tensors one, Tensors other) {
      List<fedllm.api.tensor.Tensor> tensors = new ArrayList<>();
      List<float[]> values = new ArrayList<>();
      for (Tensors each : List.of(one, other)) {
        for (int i = 0; i < each.schema().tensors().size(); i++) {
          var tensor = each.schema().tensors().get(i);
          boolean stale =
              each == one
                  && other.schema().modules().stream()
                      .anyMatch(module -> module.module().equals(tensor.module()));
          if (!stale) {
            tensors.add(tensor);
            values.add(each.values(i));
          }
        }
      }
      return new Tensors(new fedllm.api.tensor.Schema(tensors), values);
    }

    @Override
    public void close() {
      sides.values().forEach(PhaseTraining::close);
    }
  }

  private Federation federation(String... clients) {
    Map<String, PhaseTraining> sides = new LinkedHashMap<>();
    for (String client : clients) {
      sides.put(client, open("twin"));
    }
    sides.put(TRUNK, open(TRUNK));
    return new Federation(sides, new Streams(2, 12, 16));
  }

  /** The gradients at both sides of both cuts are those of the model in one piece. */
  @Test
  void gradientsAreThoseOfTheWholeModel() {
    Place silo = silo("ann", Everywhere::of);
    Reading reading = new Reading(bases.open(base, Head.TOKENS), 12, false);
    Objective.Goal goal =
        new MaskedLm().open(TestOptions.of(MaskedLm.Config.class, Map.of("mask", ".")), reading);
    try (Pieces pieces = new Pieces(bases, options(), silo);
        LanguageModel whole =
            new LanguageModel(
                reading.base(), Everywhere.of(reading.base().architecture()), Gradient.of(goal));
        NDManager step = whole.newManager()) {
      Tensors values = pieces.initial(1);
      Batch batch = pieces.texts(silo).at(0);
      Batch blind = Texts.blind(Texts.lengths(batch), 12);
      assertEquals(0, java.util.Arrays.stream(blind.ids()).sum());
      float[] x = pieces.below(values, batch);
      float[] y = pieces.between(values, blind, x);
      Pieces.Made head = pieces.head(values, batch, y);
      Pieces.Made layers = pieces.betweenBack(values, blind, x, head.stream());
      List<float[]> below = pieces.belowBack(values, batch, layers.stream());
      NDList p = whole.list(step, "p", values);
      NDList start = whole.list(step, "start", values);
      NDList expected = whole.call(step, "gradient", true, batch, p, start);
      assertEquals(expected.head().getFloat(), head.loss(), 1e-6);
      int ends = 0;
      int between = 0;
      for (int i = 0; i < p.size(); i++) {
        NDArray gradient = expected.get(i + 1);
        float[] split =
            pieces.of(true).tensors().contains(values.schema().tensors().get(i))
                ? layers.gradients().get(between++)
                : sum(below.get(ends), head.gradients().get(ends++));
        float[] one = gradient.toFloatArray();
        for (int j = 0; j < one.length; j++) {
          assertEquals(one[j], split[j], 1e-6 * (1 + Math.abs(one[j])), "p " + i);
        }
      }
      assertEquals(below.size(), ends);
      assertEquals(layers.gradients().size(), between);
    }
  }

  private static float[] sum(float[] a, float[] b) {
    float[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  @Test
  void stepsThroughTheCutsLearn() {
    try (Federation federation = federation("ann", "bo")) {
      federation.step(0);
      double first = federation.losses.get("ann");
      for (int step = 1; step < 40; step++) {
        federation.step(step);
      }
      assertTrue(federation.losses.get("ann") < 0.7 * first, federation.losses + " after " + first);
    }
  }

  /** The layers follow the mean over clients, so that twins are as one. */
  @Test
  void twinsMoveTheLayersAsOneOfThemDoes() {
    try (Federation one = federation("ann");
        Federation two = federation("ann", "bo")) {
      for (int step = 0; step < 3; step++) {
        one.step(step);
        two.step(step);
      }
      assertSame(share(one, TRUNK), share(two, TRUNK));
      assertSame(share(one, "ann"), share(two, "bo"));
      Tensors initial = one.sides.get(TRUNK).initial().tensors();
      Tensors moved = share(one, TRUNK);
      String name = moved.schema().tensors().get(0).name();
      assertTrue(initial.values(name)[0] != moved.values(name)[0]);
    }
  }

  private static Tensors share(Federation federation, String side) {
    return federation.ask(side, "share", 3, federation.lower).update();
  }

  private static void assertSame(Tensors one, Tensors other) {
    assertEquals(one.schema(), other.schema());
    for (int i = 0; i < one.schema().tensors().size(); i++) {
      assertArrayEquals(one.values(i), other.values(i));
    }
  }

  @Test
  void whoIsRestartedBetweenHeadAndBackGoesOnAsIfNothingHadHappened() throws IOException {
    try (Federation calm = federation("ann");
        Federation shaken = federation("ann")) {
      calm.step(0);
      calm.step(1);
      shaken.step(0);
      shaken.lower = shaken.clients("below", 1, shaken.adapter, Streams.LOWER);
      shaken.upper = shaken.ask(TRUNK, "trunk", 1, shaken.lower).update();
      shaken.upper = shaken.clients("head", 1, shaken.upper, Streams.UPPER);
      for (String side : List.of("ann", TRUNK)) {
        shaken.sides.put(side, restarted(shaken.sides.get(side)));
      }
      shaken.lower =
          shaken.ask(TRUNK, "layers", 1, Federation.both(shaken.lower, shaken.upper)).update();
      shaken.clients("back", 1, shaken.lower, Streams.ENDS);
      assertSame(share(calm, TRUNK), share(shaken, TRUNK));
      assertSame(share(calm, "ann"), share(shaken, "ann"));
    }
  }

  private PhaseTraining restarted(PhaseTraining before) throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    before.snapshot(new DataOutputStream(kept));
    before.close();
    PhaseTraining after = open("twin");
    after.restore(new DataInputStream(new ByteArrayInputStream(kept.toByteArray())));
    return after;
  }

  @Test
  void onlyStreamsAndLengthsLeaveAClientBeforeItShares() {
    try (Federation federation = federation("ann")) {
      federation.step(0);
      Learned below = federation.ask("ann", "below", 1, federation.adapter);
      assertEquals(
          "[fedllm.cut.lower.row.ann[1], fedllm.cut.lower.lengths[1, 2],"
              + " fedllm.cut.lower.stream[1, 2, 12, 16]]",
          below.update().schema().toString());
      String said =
          assertThrows(
                  SitsOut.class,
                  () ->
                      federation
                          .sides
                          .get("ann")
                          .view(new Work(7, Map.of(), SmallClient.QUIET), federation.lower))
              .getMessage();
      assertTrue(said.contains("planner.shareEvery"), said);
      // Who comes in the middle waits, and who was not there has nothing to tell.
      PhaseTraining late = open("late");
      federation.sides.put("late", late);
      assertThrows(SitsOut.class, () -> federation.ask("late", "below", 1, federation.adapter));
      late.train(
          new Work(
              1,
              Map.of("phase", "below", "step", 0, "client", "late", "trunk", false, "fresh", true),
              SmallClient.QUIET),
          federation.adapter);
      assertThrows(SitsOut.class, () -> federation.ask("late", "head", 0, federation.upper));
    }
  }

  @Test
  void whatCannotBeSplitIsRefused() {
    String nothing =
        assertThrows(
                SitsOut.class,
                () -> new FedBert(bases).open(options(), silo("ann", model -> Adapter.NONE)))
            .getMessage();
    assertTrue(nothing.contains("embedding and head"), nothing);
    try (PhaseTraining client = open("ann")) {
      assertThrows(
          SitsOut.class,
          () ->
              client.train(
                  new Work(1, Map.of("rank", 4), SmallClient.QUIET), client.initial().tensors()));
    }
  }
}
