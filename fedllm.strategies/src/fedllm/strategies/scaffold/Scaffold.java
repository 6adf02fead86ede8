package fedllm.strategies.scaffold;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Unit;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Component;

/**
 * Adds the mean update to the state, and keeps c the mean of the control variates c_i of all
 * clients that ever took part, N of them:
 *
 * <pre>
 * x = x + η mean Δy          c = c + |S|/N mean Δc_i
 * </pre>
 *
 * <p>c stands in the modules {@code fedllm.control} of the state. When clients come for the first
 * time, N grows and c shrinks first, for their c_i are still zero. Both means are unweighted in the
 * paper: {@code strategy: { name: fedavg, weights: equal }}. A client that lost its c_i counts with
 * the old one for ever.
 */
@Component
@Plugin(
    name = "scaffold",
    does = "adds the update, and keeps the mean of all clients' control variates",
    paper = "arXiv:1910.06378",
    options = Scaffold.Config.class,
    with = "trainer/scaffold",
    is = Trait.STATEFUL)
public final class Scaffold implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** η, how much of the mean update is added. */
    @Range(above = 0)
    double rate() default 1;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    return new Controlling(options.as(Config.class).rate());
  }

  private static final class Controlling implements Descent, Stateful {

    private final double rate;
    private final Set<String> seen = new TreeSet<>();
    private double stays = 1;
    private double enters;

    Controlling(double rate) {
      this.rate = rate;
    }

    @Override
    public void begin(Round round) {
      double before = seen.size();
      round.members().stream().map(Member::client).forEach(seen::add);
      stays = before / seen.size();
      enters = (double) round.members().size() / seen.size();
    }

    @Override
    public void step(Unit unit, float[] global, float[] update, float[] next) {
      boolean control = unit.module().startsWith("fedllm.control");
      double kept = control ? stays : 1;
      double added = control ? enters : rate;
      for (int i = 0; i < unit.length(); i++) {
        next[i] = (float) (kept * global[i] + added * update[i]);
      }
    }

    @Override
    public void snapshot(DataOutput out) throws IOException {
      out.writeInt(seen.size());
      for (String client : seen) {
        out.writeUTF(client);
      }
    }

    @Override
    public void restore(DataInput in) throws IOException {
      seen.clear();
      for (int left = in.readInt(); left > 0; left--) {
        seen.add(in.readUTF());
      }
    }
  }
}
