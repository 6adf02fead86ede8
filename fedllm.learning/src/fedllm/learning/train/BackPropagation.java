package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Range;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Part;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import java.util.List;

/** Follows the gradient that back-propagation finds, by an optimizer's rule. */
public final class BackPropagation implements Descent {

  /** Options. */
  public @interface Config {

    /** Longest gradient, over all trained tensors; 0 for no bound. */
    @Range(min = 0)
    double clipNorm() default 0;

    /** Whether layers are computed again on the way back, for less memory at some time. */
    boolean checkpoint() default false;

    /** Whether the optimizer's memory goes on from round to round, at this client alone. */
    boolean keepState() default false;
  }

  private static final Part SUM =
      Part.of(
          """
            def add_share(self: __torch__.K, share: Tensor, sum: List[Tensor], g: List[Tensor]) -> Tensor:
              torch._foreach_add_(sum, g, alpha=float(torch.item(share)))
              return share
          """);

  private final Rule rule;
  private final Config config;

  private BackPropagation(Rule rule, Config config) {
    this.rule = rule;
    this.config = config;
  }

  /**
   * Opens one client's training.
   *
   * @param options with those of {@link Config}, {@link Lessons.Config} and {@link Schedule.Config}
   */
  public static Training open(Bases bases, Options options, Site site, Rule rule) {
    Config config = options.as(Config.class);
    LocalTraining training =
        new LocalTraining(bases, options, site, new BackPropagation(rule, config));
    return config.keepState() ? new KeptTraining(training) : training;
  }

  @Override
  public double learningRate() {
    return rule.learningRate();
  }

  @Override
  public List<Part> parts(Objective.Goal goal) {
    return List.of(
        config.checkpoint() ? Gradient.checkpointed(goal) : Gradient.of(goal),
        Optimizer.part(rule, config.clipNorm()),
        SUM);
  }

  @Override
  public Steps begin(Round round, List<float[]> memory) {
    return new Way(round, new Optimizer(rule, round, memory));
  }

  /** The steps of one round. */
  private record Way(Round round, Optimizer optimizer) implements Steps {

    @Override
    public double take(Lesson lesson, double rate) {
      try (NDManager step = round.owner().newSubManager()) {
        NDList result = lesson.pieces().size() == 1 ? whole(step, lesson) : sum(step, lesson);
        double loss = result.head().getFloat();
        if (Double.isFinite(loss)) {
          double norm = optimizer.step(step, rate, result.subNDList(1));
          if (!Double.isFinite(norm)) {
            throw new ArithmeticException("the loss is finite, but its gradient is not");
          }
        }
        return loss;
      }
    }

    /** Loss and gradients of a lesson in one piece. */
    private NDList whole(NDManager step, Lesson lesson) {
      return gradient(step, lesson.pieces().get(0));
    }

    /** The same of several, each by its share of what the loss is a mean of. */
    private NDList sum(NDManager step, Lesson lesson) {
      double all = lesson.pieces().stream().mapToDouble(this::weight).sum();
      NDList total = new NDList();
      for (NDArray value : round.values()) {
        total.add(step.zeros(value.getShape()));
      }
      double loss = 0;
      for (Lesson.Piece piece : lesson.pieces()) {
        double share = weight(piece) / all;
        if (share > 0) {
          try (NDManager part = step.newSubManager()) {
            NDList result = gradient(part, piece);
            loss += share * result.head().getFloat();
            NDList arguments = new NDList(part.create(new double[] {share}));
            arguments.addAll(Kernel.list("sum", total));
            arguments.addAll(Kernel.list("g", result.subNDList(1)));
            round.model().call("add_share", arguments);
          }
        }
      }
      NDList sum = new NDList(step.create((float) loss));
      sum.addAll(total);
      return sum;
    }

    private double weight(Lesson.Piece piece) {
      return round.goal().weight(piece.batch());
    }

    private NDList gradient(NDManager step, Lesson.Piece piece) {
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
