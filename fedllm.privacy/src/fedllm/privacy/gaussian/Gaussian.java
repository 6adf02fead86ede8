package fedllm.privacy.gaussian;

import fedllm.api.guard.Guard;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Unit;
import org.osgi.service.component.annotations.Component;

/**
 * Adds independent normal noise to every value.
 *
 * <p>The noise is a function of the job's seed, the round, the client and the place of the value.
 * Whoever knows the seed can take it away again: it protects a result that is published, not an
 * update from the server.
 */
@Component
@Plugin(
    name = "gaussian",
    does = "adds Gaussian noise to every value",
    paper = "arXiv:1710.06963",
    options = Gaussian.Config.class)
public final class Gaussian implements Guard {

  /** Options. */
  public @interface Config {
    /** The noise's standard deviation, in units of the values. */
    @Required
    @Range(min = 0)
    double deviation() default 0;
  }

  @Override
  public Watch open(Options options, Scope scope) {
    return new Noise((float) options.as(Config.class).deviation(), scope.seed());
  }

  private static final class Noise implements Watch {
    private final float deviation;
    private final long seed;
    private Passage passage;

    Noise(float deviation, long seed) {
      this.deviation = deviation;
      this.seed = seed;
    }

    @Override
    public void begin(Passage next) {
      passage = next;
    }

    @Override
    public void pass(Unit unit, float[] values) {
      String purpose = "gaussian/" + passage.point().jobName() + "/" + unit.tensor().name();
      Philox.of(seed, passage.round(), passage.client(), 0, purpose)
          .addNormals(unit.offset(), deviation, values, unit.length());
    }
  }
}
