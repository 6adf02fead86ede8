package fedllm.trainers.fwdllm;

import ai.djl.ndarray.NDList;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Trait;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Part;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.seeds.Direction;
import fedllm.learning.train.Descent;
import fedllm.learning.train.Lessons;
import fedllm.learning.train.LocalTraining;
import fedllm.learning.train.Perturbation;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Estimates the gradient by forward passes, and leaves it to the server to follow it:
 *
 * <pre>
 * v ~ N(0, 1)     s = (loss(p + h v) - loss(p - h v)) / 2h     g = mean of s v
 * </pre>
 *
 * <p>The model stays where it is, so that estimates of more rounds can be added. Two means travel,
 * of every other direction each, as {@code X.first} and {@code X.second} for each tensor X: how far
 * they are apart says what they are worth. For the strategy {@code halves} and the optimizer {@code
 * fwdllm}.
 *
 * <p>With {@code candidates} above 1, of that many times the directions those are taken that lie
 * nearest, by cosine, to where the state went last: less variance, but no longer the gradient in
 * the mean.
 */
@Component
@Plugin(
    name = "fwdllm",
    does = "estimates the gradient by losses, without back-propagation; the model stays",
    paper = "arXiv:2308.13894",
    options = {Lessons.Config.class, FwdLlm.Config.class},
    with = {"strategy/halves", "optimizer/fwdllm"},
    is = Trait.STATEFUL)
public final class FwdLlm implements Trainer {

  /** Options. */
  public @interface Config {

    /** h, how far the two losses are from where the model stands. */
    @Range(above = 0)
    double epsilon() default 0.01;

    /** Directions in a step. */
    @Range(min = 1)
    int perturbations() default 1;

    /** Directions that are drawn for each that is taken; 1 takes all. The paper has 10. */
    @Range(min = 1)
    int candidates() default 1;
  }

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public FwdLlm(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    Look look = new Look(options.as(Config.class));
    return new HalvesTraining(new LocalTraining(bases, options, site, look), look);
  }

  /** Looks around from where the model stands. */
  static final class Look implements Descent {

    private static final Part BACK =
        Part.of(
            """
              def back(self: __torch__.K, p: List[Tensor], start: List[Tensor]) -> Tensor:
                for i in range(torch.len(p)):
                  _0 = torch.copy_(p[i], start[i])
                return p[0]
            """);

    private final Config config;
    private Halves halves;
    private Bearing bearing = Bearing.NONE;

    Look(Config config) {
      this.config = config;
    }

    /** Where the state went last, for the next round. */
    void bearing(Bearing newBearing) {
      bearing = newBearing;
    }

    /** Whether the bearing is asked for. */
    boolean chooses() {
      return config.candidates() > 1;
    }

    /** What the last round found. */
    Halves halves() {
      return halves;
    }

    @Override
    public double learningRate() {
      return 1; // no step is taken here
    }

    @Override
    public List<Part> parts(Objective.Goal goal) {
      return List.of(Gradient.loss(goal), Perturbation.PART, BACK);
    }

    @Override
    public Steps begin(Round round, List<float[]> memory) {
      Perturbation p = new Perturbation(round.model(), round.values());
      Halves found = new Halves(round);
      halves = found;
      double h = config.epsilon();
      return (lesson, rate) -> {
        double sum = 0;
        for (Direction v : directions(round, lesson.step())) {
          p.move(v, h);
          double above = round.loss(lesson);
          back(round);
          p.move(v, -h);
          double below = round.loss(lesson);
          back(round);
          found.add(v, (above - below) / (2 * h));
          sum += (above + below) / 2;
        }
        return sum / config.perturbations();
      };
    }

    private List<Direction> directions(Round round, long step) {
      return bearing.nearest(
          config.perturbations(),
          config.candidates(),
          i -> round.scope().random(round.number(), step, "forward direction " + i)::addNormals);
    }

    /** Exactly, where a step back would round. */
    private static void back(Round round) {
      NDList arguments = new NDList(round.values());
      arguments.addAll(round.start());
      round.model().call("back", arguments);
    }
  }
}
