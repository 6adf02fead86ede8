package fedllm.trainers.fedbpt;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.learning.seeds.Directions;
import fedllm.learning.seeds.Replay;
import fedllm.learning.train.Lessons;
import fedllm.learning.train.LocalTraining;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Searches by losses alone, of a model that is never asked for a gradient:
 *
 * <pre>
 * prompt = p0 + A z    z in R^d, A of d shared directions
 * each step: CMA-ES asks for solutions z, is told their losses over the step's batch
 * sent: the last step's solutions and losses, and how far they spread
 * </pre>
 *
 * <p>The state is the search itself and its mean, which is all of the adapter. Meant for {@code
 * peft: prompt}; any other adapter is searched in the same way. Where {@code perturbed} is above 0
 * a solution is as good as its loss over the loss on texts of which that share of tokens is
 * replaced at random, so that it does not learn a batch by heart.
 */
@Component
@Plugin(
    name = "fedbpt",
    does = "searches a projected prompt by losses alone, by CMA-ES at clients and server",
    paper = "arXiv:2310.01467",
    options = {Lessons.Config.class, FedBpt.Config.class},
    with = {"strategy/population", "optimizer/fedbpt"})
public final class FedBpt implements Trainer {

  /** Options. */
  public @interface Config {

    /** d, in how many dimensions is searched. */
    @Range(min = 1, max = 4096)
    int dimension() default 500;

    /** Solutions in a step. */
    @Range(min = 2)
    int population() default 5;

    /** σ of the first solutions. */
    @Range(above = 0)
    double sigma() default 1;

    /** How far a value of the adapter goes, as a deviation, where z is standard normal. */
    @Range(above = 0)
    double scale() default 0.1;

    /** Share of tokens that are replaced in the texts a loss is compared with; 0 for no such. */
    @Range(min = 0, max = 1)
    double perturbed() default 0;
  }

  private final Bases bases;

  /** Searches on these base models. */
  @Activate
  public FedBpt(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    Config config = options.as(Config.class);
    Directions columns = new Directions(site.scope().seed(), Directions.NORMAL);
    Replay projection = new Replay(columns, config.scale() / Math.sqrt(config.dimension()));
    Search search = new Search(config, projection);
    return new SearchTraining(new LocalTraining(bases, options, site, search), search, config);
  }
}
