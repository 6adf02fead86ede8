package fedllm.trainers.fedbert;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Wraps;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.learning.objective.Objective;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Trains one model in pieces: embedding and head at every client, all layers at the silo that the
 * planner names. Of a step, streams and their gradients at the two cuts travel; texts, their tokens
 * and labels stay. All gradients of a step are those of the whole model, and the layers follow the
 * mean of the clients' losses.
 *
 * <p>After the paper, of which the abstract was read. What is trained is what {@code peft} says;
 * {@code full} with embedding, layers and head is the paper's pre-training. The optimizer is Adam
 * with decoupled weight decay.
 */
@Component
@Plugin(
    name = "fedbert",
    does = "trains embedding and head at clients, and the layers between at one silo",
    paper = "doi:10.1145/3510033",
    options = FedBert.Config.class,
    with = {"planner/fedbert", "strategy/cuts"})
public final class FedBert implements Trainer {

  /** Options. */
  public @interface Config {

    /** Learning rate. */
    @Range(above = 0)
    double learningRate() default 1e-3;

    /** Weight decay. */
    @Range(min = 0)
    double weightDecay() default 0.01;

    /** Texts of a client in a step. */
    @Range(min = 1)
    int batch() default 8;

    /** Tokens of a text; longer ones are cut, shorter ones filled up. */
    @Range(min = 1)
    int sequence() default 64;

    /** What is made small; one row for each text. */
    @Wraps(Objective.class)
    String objective() default "masked-lm";
  }

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public FedBert(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return new PhaseTraining(new Pieces(bases, options, site), options.as(Config.class), site);
  }
}
