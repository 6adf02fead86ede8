package fedllm.trainers.mezo;

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
import fedllm.learning.train.Descent;
import fedllm.learning.train.Lessons;
import fedllm.learning.train.LocalTraining;
import fedllm.learning.train.Perturbation;
import fedllm.learning.train.Schedule;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Zeroth-order descent in place: no way back, no memory beyond what answering needs.
 *
 * <pre>
 * z ~ N(0, 1)     g = (loss(p + ε z) - loss(p - ε z)) / 2ε     p = p - η g z
 * </pre>
 *
 * z is drawn anew from its seed each time it is needed, and the way back from p - ε z is one with
 * the step.
 */
@Component
@Plugin(
    name = "mezo",
    does = "trains by two losses a step, without back-propagation",
    paper = "arXiv:2305.17333",
    options = {Lessons.Config.class, Schedule.Config.class, Mezo.Config.class})
public final class Mezo implements Trainer {

  /** Options. */
  public @interface Config {

    /** Learning rate η at its highest. */
    @Range(above = 0)
    double learningRate() default 1e-4;

    /** ε, how far the two losses are from where the model stands. */
    @Range(above = 0)
    double epsilon() default 1e-3;
  }

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public Mezo(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return new LocalTraining(bases, options, site, new ByLosses(options.as(Config.class)));
  }

  private record ByLosses(Config config) implements Descent {

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
      Perturbation perturbation =
          new Perturbation(round.model(), round.moving().of(round.values()));
      double epsilon = config.epsilon();
      return (lesson, rate) -> {
        Direction z = round.scope().random(round.number(), lesson.step(), "direction")::addNormals;
        perturbation.move(z, epsilon);
        double above = round.loss(lesson);
        perturbation.move(z, -2 * epsilon);
        double below = round.loss(lesson);
        double slope = (above - below) / (2 * epsilon);
        perturbation.move(z, epsilon - rate * slope);
        return (above + below) / 2;
      };
    }
  }
}
