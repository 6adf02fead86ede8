package fedllm.strategies.fedavgm;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.plugin.Trait;
import fedllm.api.tensor.Unit;
import fedllm.strategies.moments.Moment;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.osgi.service.component.annotations.Component;

/**
 * Momentum on the server: {@code v = beta v + d}, {@code next = global + rate v}, where d is the
 * combined update; {@code dampened} makes it a mean, {@code v = beta v + (1 - beta) d}.
 */
@Component
@Plugin(
    name = "fedavgm",
    does = "momentum on the server",
    paper = "arXiv:1909.06335",
    options = FedAvgM.Config.class,
    is = Trait.STATEFUL)
public final class FedAvgM implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** How much of v is added. */
    @Range(above = 0)
    double rate() default 1;

    /** How much of v stays from round to round. */
    @Range(min = 0, max = 0.9999)
    double beta() default 0.9;

    /** Whether an update enters by {@code 1 - beta} of itself. */
    boolean dampened() default false;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    float beta = (float) config.beta();
    return new Momentum((float) config.rate(), beta, config.dampened() ? 1 - beta : 1);
  }

  private static final class Momentum implements Descent, Stateful {

    private final float rate;
    private final float beta;
    private final float enters;
    private final Moment moment = new Moment(0);
    private float[] v = new float[0];

    Momentum(float rate, float beta, float enters) {
      this.rate = rate;
      this.beta = beta;
      this.enters = enters;
    }

    @Override
    public void step(Unit unit, float[] global, float[] update, float[] next) {
      if (v.length < unit.length()) {
        v = new float[unit.length()];
      }
      moment.load(unit, v);
      for (int i = 0; i < unit.length(); i++) {
        v[i] = beta * v[i] + enters * update[i];
        next[i] = global[i] + rate * v[i];
      }
      moment.store(unit, v);
    }

    @Override
    public void snapshot(DataOutput out) throws IOException {
      moment.write(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
      moment.read(in);
    }
  }
}
