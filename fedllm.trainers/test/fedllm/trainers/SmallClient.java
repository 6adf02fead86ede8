package fedllm.trainers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.data.Example;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Progress;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.objective.Objective;
import fedllm.models.llama.Llama;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.trainers.adamw.AdamW;
import fedllm.trainers.causallm.CausalLm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Clients that train a small Llama on counting. */
public final class SmallClient {

  /** Nobody watches. */
  public static final Progress QUIET = (what, done, of) -> {};

  private final Path base;
  private final Bases bases;

  /** With a base in 32-bit floats, written to {@code base}. */
  public SmallClient(Path base) throws IOException {
    this(base, Precision.FP32);
  }

  /** With a base written to {@code base}. */
  public SmallClient(Path base, Precision precision) throws IOException {
    this.base = base;
    this.bases = new Bases(List.of(new Llama()), precision);
    SmallBase.write(base);
  }

  /** The bases. */
  public Bases bases() {
    return bases;
  }

  /** A client that trains by AdamW. */
  public Training open(String name, int examples, Map<String, Object> changes) {
    return open(AdamW::new, name, examples(name, examples), List.of("*"), changes);
  }

  /** A client that trains adapters at some sites. */
  public Training open(
      Function<Bases, Trainer> maker,
      String name,
      List<Example> examples,
      List<String> targets,
      Map<String, Object> changes) {
    Choice<Objective> objective = new Choice<>(new CausalLm(), TestOptions.none());
    return open(maker, objective, name, examples, targets, changes);
  }

  /** A client that trains adapters at some sites for some objective. */
  public Training open(
      Function<Bases, Trainer> maker,
      Choice<Objective> objective,
      String name,
      List<Example> examples,
      List<String> targets,
      Map<String, Object> changes) {
    Map<String, Object> values =
        new HashMap<>(Map.of("steps", 5, "batch", 4, "sequence", 16, "learningRate", 0.01));
    values.putAll(changes);
    Trainer trainer = maker.apply(bases);
    Options lora = TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", targets));
    return trainer.open(
        TestOptions.ofPlugin(trainer.getClass(), values)
            .with("objective", objective.plugin(), objective.options()),
        new Place(base, new Scope("run", name, 1), examples, List.of(), lora));
  }

  /** A client whose trainer is another one inside. */
  public Training wrapped(
      Trainer outer,
      Map<String, Object> outerChanges,
      Trainer inner,
      String name,
      List<Example> examples,
      Map<String, Object> changes) {
    Map<String, Object> values =
        new HashMap<>(Map.of("steps", 5, "batch", 4, "sequence", 16, "learningRate", 0.01));
    values.putAll(changes);
    Options of =
        TestOptions.ofPlugin(inner.getClass(), values)
            .with("objective", new CausalLm(), TestOptions.none());
    Options lora = TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", List.of("*")));
    return outer.open(
        TestOptions.ofPlugin(outer.getClass(), outerChanges).with("of", inner, of),
        new Place(base, new Scope("run", name, 1), examples, List.of(), lora));
  }

  /** Rows of ten ids, each one more than the one before. */
  public static List<Example> examples(String name, int count) {
    return examples(name, count, 10, 10);
  }

  /** Rows of some ids, each one more than the one before. */
  public static List<Example> examples(String name, int count, int shortest, int longest) {
    Philox random = Philox.of(1, 0, name, 0, "examples");
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] ids = new int[shortest + random.below(count + i, longest - shortest + 1)];
      ids[0] = random.below(i, SmallBase.VOCABULARY);
      for (int j = 1; j < ids.length; j++) {
        ids[j] = (ids[j - 1] + 1) % SmallBase.VOCABULARY;
      }
      examples.add(new Example.Tokens(ids));
    }
    return examples;
  }

  /** What a client learns from its first values. */
  public static Learned train(Training client, int round) {
    return client.train(new Work(round, Map.of(), QUIET), client.initial().tensors());
  }

  /** The length of an update. */
  public static double norm(Tensors update) {
    double squares = 0;
    for (int t = 0; t < update.schema().tensors().size(); t++) {
      for (float value : update.values(t)) {
        squares += (double) value * value;
      }
    }
    return Math.sqrt(squares);
  }

  /** Bit for bit. */
  public static void assertSame(Tensors expected, Tensors actual) {
    assertEquals(expected.schema(), actual.schema());
    for (int t = 0; t < expected.schema().tensors().size(); t++) {
      assertArrayEquals(expected.values(t), actual.values(t));
    }
  }

  /** As a share of the expected one's length. */
  public static void assertNear(Tensors expected, Tensors actual, double share) {
    assertEquals(0, norm(expected.copy().minus(actual)), share * norm(expected));
  }
}
