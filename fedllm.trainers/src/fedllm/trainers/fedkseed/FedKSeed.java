package fedllm.trainers.fedkseed;

import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Part;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.seeds.Direction;
import fedllm.learning.seeds.Directions;
import fedllm.learning.seeds.Replay;
import fedllm.learning.train.Descent;
import fedllm.learning.train.Lessons;
import fedllm.learning.train.LocalTraining;
import fedllm.learning.train.Perturbation;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Zeroth-order descent along K directions that everybody can draw, of which only how far to go
 * along each travels:
 *
 * <pre>
 * client: s from 1..K    g = (loss(w + ε z(s)) - loss(w - ε z(s))) / 2ε    w = w - η g z(s)    H_k[s] += g
 * server: H = H + Σ p_k H_k
 * all:    w = w0 - η Σ H[s] z(s)
 * </pre>
 *
 * <p>The state is H, the update H_k: {@code fedavg} and {@code add} are the server's two lines. The
 * last line needs each step's η and a decay of 0, so that neither a schedule nor weight decay is
 * accepted. The paper's <i>Pro</i> draws s the more often the larger |g| was; it sends two more
 * numbers for each direction.
 */
@Component
@Plugin(
    name = "fedkseed",
    does = "trains by losses along shared directions; a number for each direction travels",
    paper = "arXiv:2312.06353",
    options = {Lessons.Config.class, FedKSeed.Config.class})
public final class FedKSeed implements Trainer {

  /** Options. */
  public @interface Config {

    /** Learning rate η of every step. */
    @Range(above = 0)
    double learningRate() default 1e-4;

    /** ε, how far the two losses are from where the model stands. */
    @Range(above = 0)
    double epsilon() default 5e-4;

    /** K, how many directions there are. */
    @Range(min = 1, max = 1 << 24)
    int seeds() default 4096;

    /** What a direction is made of: normal numbers, or -1 and 1, which are drawn faster. */
    @OneOf({Directions.NORMAL, Directions.SIGN})
    String directions() default Directions.NORMAL;

    /** A step is left out where its two losses differ by more; 0 for no bound. */
    @Range(min = 0)
    double clip() default 0;

    /** Whether directions whose slopes were steep are drawn more often. */
    boolean pro() default false;

    /** Steps are replayed from their sum, so that all have one learning rate. */
    @OneOf("constant")
    String schedule() default "constant";

    /** Steps are replayed from their sum, so that all have one learning rate. */
    @Range(min = 0, max = 0)
    double warmup() default 0;

    /** Steps are replayed from their sum, so that nothing may decay between them. */
    @Range(min = 0, max = 0)
    double weightDecay() default 0;
  }

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public FedKSeed(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    Config config = options.as(Config.class);
    Directions directions = new Directions(site.scope().seed(), config.directions());
    Walk walk = new Walk(config, directions);
    LocalTraining local = new LocalTraining(bases, options, site, walk);
    return new SeedTraining(local, walk, new Replay(directions, config.learningRate()));
  }

  /** A client's own steps, which are the only ones that it takes one by one. */
  static final class Walk implements Descent {

    private final Config config;
    private final Directions directions;
    private Pool pool;

    Walk(Config config, Directions directions) {
      this.config = config;
      this.directions = directions;
      this.pool = Pool.empty(config);
    }

    /** Which directions the next round draws, and how far it went along each. */
    Pool pool() {
      return pool;
    }

    void pool(Pool next) {
      pool = next;
    }

    @Override
    public double learningRate() {
      return config.learningRate();
    }

    @Override
    public List<Part> parts(Objective.Goal goal) {
      return List.of(Gradient.loss(goal), Perturbation.PART);
    }

    @Override
    public Steps begin(Round round, List<float[]> memory) {
      Perturbation w = new Perturbation(round.model(), round.values());
      double epsilon = config.epsilon();
      return (lesson, rate) -> {
        int s = pool.draw(round.scope().random(round.number(), lesson.step(), "seed"));
        Direction z = directions.of(s);
        w.move(z, epsilon);
        double above = round.loss(lesson);
        w.move(z, -2 * epsilon);
        double below = round.loss(lesson);
        double g = (above - below) / (2 * epsilon);
        if (config.clip() > 0 && Math.abs(above - below) > config.clip()) {
          w.move(z, epsilon);
        } else {
          w.move(z, epsilon - rate * g);
          pool.went(s, g);
        }
        return (above + below) / 2;
      };
    }
  }
}
