package fedllm.learning.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Range;
import fedllm.api.trainer.Site;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Part;
import fedllm.learning.objective.Cut;
import fedllm.learning.objective.ExampleGradients;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import java.util.ArrayList;
import java.util.List;

/**
 * Follows the gradient that back-propagation finds, by an optimizer's rule. One client's, used by
 * one thread.
 */
public final class BackPropagation implements Descent {

  /** Options. */
  public @interface Config {

    /** Longest gradient, over all trained tensors; 0 for no bound. */
    @Range(min = 0)
    double clipNorm() default 0;

    /** Whether layers are computed again on the way back, for less memory at some time. */
    boolean checkpoint() default false;

    /**
     * C, how much each example's own gradient may count for, over all trained tensors; 0 for no
     * bound. The step then follows the sum of bounded gradients over {@code batch}.
     */
    @Range(min = 0)
    double clipEach() default 0;

    /**
     * σ: noise of deviation σ C is added to the sum of bounded gradients. It is drawn from the
     * job's seed, which everybody in the federation knows, and no epsilon is reported.
     */
    @Range(min = 0)
    double noiseMultiplier() default 0;

    /**
     * Bytes in which to keep what the layers below all that is trained make of the examples, for
     * later passes; 0 to compute it each time.
     */
    @Range(min = 0)
    long cacheBytes() default 0;

    /** Whether the optimizer's memory goes on from round to round, at this client alone. */
    boolean keepState() default false;
  }

  private final Rule rule;
  private final Config config;
  private final int batch;
  private FrozenCache cache;

  private BackPropagation(Rule rule, Config config, Lessons.Config lessons) {
    this.rule = rule;
    this.config = config;
    this.batch = lessons.batch();
    if (config.noiseMultiplier() > 0 && config.clipEach() == 0) {
      throw new SitsOut("trainer.noiseMultiplier is a multiple of trainer.clipEach; set that, too");
    }
    if (config.clipEach() > 0 && lessons.pack()) {
      throw new SitsOut(
          "trainer.clipEach needs each example in rows of its own; set trainer.pack to false");
    }
    if (config.cacheBytes() > 0
        && (lessons.pack() || config.checkpoint() || config.clipEach() > 0)) {
      throw new SitsOut(
          "trainer.cacheBytes goes with none of pack, checkpoint and clipEach; set it to 0 or those"
              + " to false and 0");
    }
  }

  /**
   * Opens one client's training.
   *
   * @param options with those of {@link Config}, {@link Lessons.Config} and {@link Schedule.Config}
   */
  public static GradientTraining open(Bases bases, Options options, Site site, Rule rule) {
    Config config = options.as(Config.class);
    Descent descent = new BackPropagation(rule, config, options.as(Lessons.Config.class));
    LocalTraining training = new LocalTraining(bases, options, site, descent);
    return config.keepState() ? new KeptTraining(training) : new PlainTraining(training);
  }

  @Override
  public double learningRate() {
    return rule.learningRate();
  }

  @Override
  public List<Part> parts(Objective.Goal goal) {
    List<Part> parts = new ArrayList<>();
    parts.add(config.checkpoint() ? Gradient.checkpointed(goal) : Gradient.of(goal));
    parts.add(Optimizer.part(rule, config.clipNorm()));
    parts.add(Sum.PART);
    if (config.clipEach() > 0) {
      parts.add(
          config.checkpoint() ? ExampleGradients.checkpointed(goal) : ExampleGradients.of(goal));
    }
    if (config.cacheBytes() > 0) {
      if (goal.draws()) {
        throw new SitsOut(
            "trainer.cacheBytes keeps what is made of examples, and the objective draws them anew"
                + " in each round; set it to 0");
      }
      parts.add(Cut.belowWhatIsTrained());
      parts.add(FrozenCache.PART);
    }
    return parts;
  }

  @Override
  public Steps begin(Round round, List<float[]> memory) {
    Bounded bounded =
        config.clipEach() > 0
            ? new Bounded(round, config.clipEach(), config.noiseMultiplier(), batch)
            : null;
    if (config.cacheBytes() > 0 && cache == null) {
      cache = new FrozenCache(round.model(), config.cacheBytes());
    }
    return new Way(round, new Optimizer(rule, round, memory), bounded, cache);
  }

  /** The steps of one round. */
  private record Way(Round round, Optimizer optimizer, Bounded bounded, FrozenCache cache)
      implements Steps {

    @Override
    public double take(Lesson lesson, double rate) {
      try (NDManager step = round.owner().newSubManager()) {
        NDList result = lossAndGradient(step, lesson);
        double loss = result.head().getFloat();
        if (Double.isFinite(loss)) {
          NDList gradients = round.moving().of(result.subNDList(1));
          round.corrections().correct(step, gradients);
          double norm = optimizer.step(step, rate, gradients);
          if (!Double.isFinite(norm)) {
            throw new ArithmeticException("the loss is finite, but its gradient is not");
          }
        }
        return loss;
      }
    }

    private NDList lossAndGradient(NDManager step, Lesson lesson) {
      if (bounded != null) {
        return bounded.gradient(step, lesson);
      }
      return lesson.pieces().size() == 1
          ? gradient(step, lesson.pieces().get(0))
          : sum(step, lesson);
    }

    /** Of several pieces each by its share of what the loss is a mean of. */
    private NDList sum(NDManager step, Lesson lesson) {
      double all = lesson.pieces().stream().mapToDouble(this::weight).sum();
      Sum sum = new Sum(round, step);
      double loss = 0;
      for (Lesson.Piece piece : lesson.pieces()) {
        double share = weight(piece) / all;
        if (share > 0) {
          try (NDManager part = step.newSubManager()) {
            NDList result = gradient(part, piece);
            loss += share * result.head().getFloat();
            sum.add(part, share, result.subNDList(1));
          }
        }
      }
      return sum.after((float) loss);
    }

    private double weight(Lesson.Piece piece) {
      return round.goal().weight(piece.batch());
    }

    private NDList gradient(NDManager step, Lesson.Piece piece) {
      if (cache != null) {
        NDList stream = new NDList(cache.stream(step, piece, round.values()));
        return round
            .model()
            .call(step, "upper", true, piece.batch(), round.values(), round.start(), stream);
      }
      return round
          .model()
          .call(step, "gradient", true, piece.batch(), round.values(), round.start());
    }

    @Override
    public List<float[]> memory() {
      return optimizer.memory();
    }
  }
}
