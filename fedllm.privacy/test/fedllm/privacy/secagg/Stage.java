package fedllm.privacy.secagg;

import fedllm.api.data.Data;
import fedllm.api.error.SitsOut;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.planner.Planning;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.strategies.everyone.Everyone;
import fedllm.testkit.OnePlace;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Silos and a server in one place, phase by phase, with everything that can go wrong between. */
final class Stage {

  static final Schema LEARNED =
      new Schema(
          List.of(
              new Tensor("m.0", "A", List.of(3L, 5L)),
              new Tensor("m.0", "B", List.of(7L)),
              new Tensor("m.1", "A", List.of(20_001L)),
              new Tensor("", "scale", List.of())));

  private final ServerOptimizer of;
  private final Map<String, Training> silos = new TreeMap<>();
  private final Planning planning =
      new Turns().open(TestOptions.none().with("of", new Everyone(), none()), Samples.SCOPE);
  private Descent descent;
  private final OnePlace server;

  /** What every silo sent last. */
  final SortedMap<String, Learned> sent = new TreeMap<>();

  /** Why a silo sat out last. */
  final Map<String, String> out = new TreeMap<>();

  Stage(int count, ServerOptimizer of, Map<String, ?> rule) {
    Options options = TestOptions.of(SecAgg.Config.class, rule);
    server = new OnePlace(new Choice<>(new SecAgg(), options), new Tensors(LEARNED));
    this.of = of;
    for (int i = 0; i < count; i++) {
      String name = "silo-%02d".formatted(i);
      silos.put(name, silo(name));
    }
    descent = descent();
  }

  private static Options none() {
    return TestOptions.ofPlugin(Everyone.class, Map.of());
  }

  private Descent descent() {
    Options options = TestOptions.ofPlugin(of.getClass(), Map.of());
    return new Unmasking().open(TestOptions.none().with("of", of, options), Samples.SCOPE);
  }

  private static Training silo(String name) {
    return new Masking().open(TestOptions.none().with("of", new Fixed(), none()), new OfTest(name));
  }

  Tensors state() {
    return server.state();
  }

  Set<String> names() {
    return silos.keySet();
  }

  /** What a silo learns in an aggregation, and from how many examples. */
  static Tensors lesson(String name, int aggregation) {
    List<float[]> values = new ArrayList<>();
    for (int t = 0; t < LEARNED.tensors().size(); t++) {
      int size = (int) LEARNED.tensors().get(t).size();
      float[] array = Samples.normal(size, name.hashCode() * 31L + 7L * aggregation + t);
      for (int i = 0; i < size; i++) {
        array[i] *= 0.2f;
      }
      values.add(array);
    }
    return new Tensors(LEARNED, values);
  }

  static int examples(String name) {
    return 10 + Math.floorMod(31 * name.hashCode(), 90);
  }

  /** All silos but some go through the next phase. */
  void phase(Set<String> dropped) {
    answer(dropped);
    close();
  }

  /** What all silos but some send in the next phase. */
  void answer(Set<String> dropped) {
    sent.clear();
    out.clear();
    silos.forEach(
        (name, training) -> {
          if (!dropped.contains(name)) {
            try {
              sent.put(name, answer(training));
            } catch (SitsOut e) {
              out.put(name, e.getMessage());
            }
          }
        });
  }

  /** A silo's answer to the order that is open. */
  Learned answer(Training training) {
    Work work = new Work(server.round(), 8, Map.of(), (what, done, of) -> {});
    return training.train(work, server.broadcast(planning));
  }

  /** What a silo sent last. */
  Tensors sent(String name) {
    return sent.get(name).update();
  }

  /** Closes the phase with what was sent. */
  void close() {
    server.close(sent, descent);
  }

  /** Every silo's process and the server's end, and come back with what they kept. */
  void restartAll() throws IOException {
    for (String name : names()) {
      Training fresh = silo(name);
      move(silos.get(name), fresh);
      silos.put(name, fresh);
    }
    Descent fresh = descent();
    move(descent, fresh);
    descent = fresh;
  }

  private static void move(Object from, Object to) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ((Stateful) from).snapshot(new DataOutputStream(bytes));
    ByteArrayInputStream in = new ByteArrayInputStream(bytes.toByteArray());
    ((Stateful) to).restore(new DataInputStream(in));
    if (in.available() > 0) {
      throw new AssertionError(in.available() + " bytes of the state were not read");
    }
  }

  /** What a silo keeps, taken now. */
  Training copy(String name) throws IOException {
    Training copy = silo(name);
    move(silos.get(name), copy);
    return copy;
  }

  /** A silo whose private state is lost. */
  static Training fresh(String name) {
    return silo(name);
  }

  void put(String name, Training training) {
    silos.put(name, training);
  }

  /** Sends lessons that are known, and remembers how many it gave. */
  @Plugin(name = "fixed", does = "Sends lessons that are known.")
  static final class Fixed implements Trainer {
    @Override
    public Training open(Options options, Site site) {
      return new Lessons(site.scope().client());
    }
  }

  private static final class Lessons implements Training, Stateful {
    private final String name;
    private int given;

    Lessons(String name) {
      this.name = name;
    }

    @Override
    public Start initial() {
      return new Start(new Tensors(LEARNED), Map.of());
    }

    @Override
    public Learned train(Work work, Tensors global) {
      given++;
      return new Learned(
          lesson(name, work.round()), examples(name), Map.of("given", (double) given));
    }

    @Override
    public void snapshot(DataOutput out) throws IOException {
      out.writeInt(given);
    }

    @Override
    public void restore(DataInput in) throws IOException {
      given = in.readInt();
    }
  }

  private record OfTest(String name) implements Site {
    @Override
    public Scope scope() {
      return new Scope("test", name, 42);
    }

    @Override
    public Path base() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Data data() {
      throw new UnsupportedOperationException();
    }

    @Override
    public <K> Choice<K> choice(String key, Class<K> contract) {
      throw new UnsupportedOperationException();
    }
  }
}
