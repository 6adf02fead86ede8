package fedllm.trainers.fedbert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.base.Script;
import fedllm.learning.objective.Cut;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import fedllm.learning.train.Optimizer;
import fedllm.learning.train.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A model with its adapter, to be computed in pieces. Which of the adapter belongs to the layers
 * goes by the numbers in modules' names, as the strategy {@code cuts} has it, and is held against
 * what the equations read.
 */
final class Pieces implements AutoCloseable {

  private static final Pattern LAYER = Pattern.compile(".*\\.\\d+(\\..*)?");

  private static final String ADAMW =
      """
          torch._foreach_add_(t, 1)
          torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), t, lr=rate, beta1=0.9, beta2=0.999, weight_decay=DECAY, eps=1e-08, amsgrad=False, maximize=False)
      """;

  private final FedBert.Config config;
  private final Rule rule;
  private final Adapter adapter;
  private final Objective.Goal goal;
  private final LanguageModel model;

  /** What a piece made, in plain floats. */
  record Made(double loss, float[] stream, List<float[]> gradients) {}

  Pieces(Bases bases, Options options, Site site) {
    config = options.as(FedBert.Config.class);
    rule =
        new Rule(
            config.learningRate(),
            List.of(Rule.Memory.like("m"), Rule.Memory.like("v"), Rule.Memory.number("t")),
            ADAMW.replace("DECAY", Double.toString(config.weightDecay())));
    Choice<PeftMethod> peft = site.choice("peft", PeftMethod.class);
    Choice<Objective> objective = options.choice("objective", Objective.class);
    Base base = bases.open(site, objective.plugin().head(objective.options()));
    try {
      adapter = peft.plugin().open(peft.options(), base.architecture());
      if (adapter.allPlaces() > 0) {
        throw new SitsOut(
            "peft puts places before each text, whose lengths are the same at both sides of a cut;"
                + " take a method that does not, such as lora or full");
      }
      goal =
          objective.plugin().open(objective.options(), new Reading(base, config.sequence(), false));
      model =
          new LanguageModel(
              base,
              adapter,
              Gradient.of(goal),
              Cut.aroundLayers(),
              Optimizer.part(rule, 0),
              script -> {
                check(script);
                return "";
              });
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }

  private static void check(Script script) {
    int layers = script.architecture().layers();
    Set<Integer> ends = new TreeSet<>(script.uses(Script.EMBED));
    ends.addAll(script.uses(layers));
    Set<Integer> between = new TreeSet<>();
    for (int layer = 0; layer < layers; layer++) {
      between.addAll(script.uses(layer));
    }
    List<Tensor> trained = script.schema().tensors();
    for (int i = 0; i < trained.size(); i++) {
      boolean layer = isLayers(trained.get(i));
      if (between.contains(i) != layer || ends.contains(i) == layer) {
        throw new SitsOut(
            trained.get(i)
                + " is read both by layers and beside them, or its name does not say where; it"
                + " cannot be split");
      }
    }
    if (ends.isEmpty() || between.isEmpty()) {
      throw new SitsOut(
          "peft trains nothing of "
              + (ends.isEmpty() ? "embedding and head" : "the layers")
              + "; name some of it in its targets");
    }
  }

  private static boolean isLayers(Tensor tensor) {
    return LAYER.matcher(tensor.module()).matches();
  }

  /** What crosses the cuts. */
  Streams streams() {
    int width = model.base().architecture().width();
    return new Streams(config.batch(), config.sequence(), width);
  }

  Texts texts(Site site) {
    return new Texts(site, goal, config.batch(), config.sequence());
  }

  Adapter adapter() {
    return adapter;
  }

  Tensors initial(long seed) {
    return model.initial(seed);
  }

  Schema schema() {
    return model.schema();
  }

  /** The tensors that one side has. */
  Schema of(boolean layers) {
    return new Schema(places(layers).stream().map(model.schema().tensors()::get).toList());
  }

  private List<Integer> places(boolean layers) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < model.schema().tensors().size(); i++) {
      if (isLayers(model.schema().tensors().get(i)) == layers) {
        places.add(i);
      }
    }
    return places;
  }

  /** Embedding, forward: the stream into the layers. */
  float[] below(Tensors values, Batch batch) {
    try (NDManager step = model.newManager()) {
      return model
          .call(step, "below", false, batch, model.list(step, "p", values))
          .head()
          .toFloatArray();
    }
  }

  /** The layers, forward: the stream out of them. */
  float[] between(Tensors values, Batch blind, float[] x) {
    try (NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", values);
      return model.call(step, "between", false, blind, p, stream(step, x)).head().toFloatArray();
    }
  }

  /** The head: the loss, its gradient for the stream, and those of the ends. */
  Made head(Tensors values, Batch batch, float[] y) {
    try (NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", values);
      NDList start = model.list(step, "start", values);
      NDList made = model.call(step, "above", true, batch, p, start, stream(step, y));
      return new Made(
          made.head().getFloat(), made.get(1).toFloatArray(), gradients(made, 2, false));
    }
  }

  /** The layers, back: the gradient for the stream into them, and theirs. */
  Made betweenBack(Tensors values, Batch blind, float[] x, float[] dy) {
    try (NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", values);
      NDList into = stream(step, x);
      NDList made = model.call(step, "between_backward", true, blind, p, into, stream(step, dy));
      return new Made(0, made.head().toFloatArray(), gradients(made, 1, true));
    }
  }

  /** The embedding, back: gradients of the ends. */
  List<float[]> belowBack(Tensors values, Batch batch, float[] dx) {
    try (NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", values);
      NDList made = model.call(step, "below_backward", true, batch, p, stream(step, dx));
      return gradients(made, 0, false);
    }
  }

  private NDList stream(NDManager owner, float[] values) {
    Streams size = streams();
    Shape shape = new Shape(size.batch(), size.length(), size.width());
    return new NDList(owner.create(values, shape));
  }

  private List<float[]> gradients(NDList made, int from, boolean layers) {
    return places(layers).stream().map(i -> made.get(from + i).toFloatArray()).toList();
  }

  /**
   * Takes a step of one side, in place.
   *
   * @param memory what the side's last one remembered
   * @return what this one does
   */
  List<float[]> step(
      Tensors values, List<float[]> gradients, List<float[]> memory, boolean layers) {
    List<Integer> places = places(layers);
    try (NDManager owner = model.newManager()) {
      NDList p = model.list(owner, "p", values);
      NDList own = new NDList();
      NDList g = new NDList();
      for (int i = 0; i < places.size(); i++) {
        NDArray value = p.get(places.get(i));
        own.add(value);
        g.add(owner.create(gradients.get(i), value.getShape()));
      }
      Optimizer optimizer = new Optimizer(rule, model, owner, own, memory);
      double norm = optimizer.step(owner, rule.learningRate(), g);
      if (!Double.isFinite(norm)) {
        throw new SitsOut("the gradient is not finite; lower trainer.learningRate");
      }
      for (int i = 0; i < places.size(); i++) {
        float[] after = own.get(i).toFloatArray();
        System.arraycopy(after, 0, values.values(places.get(i)), 0, after.length);
      }
      return optimizer.memory();
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
