package fedllm.strategies.fedbpt;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.cmaes.CmaEs;
import fedllm.cmaes.SearchState;
import java.util.Arrays;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * CMA-ES on the server, told of the solutions that all clients tried last:
 *
 * <pre>
 * σ² = mean over clients of (σ_T² + Σ σ_t² / μ, t &lt; T)    a solution's distance from the mean that all began at
 * m, C, σ' = tell(all solutions, all losses)
 * σ next = root mean square of the clients' σ_T, times σ' / σ
 * </pre>
 *
 * <p>With one client and one iteration that is CMA-ES itself. The published code divides σ_T by μ,
 * too, with which it is not; and it has a floor of 0.5 for σ beside a guard that lifts it again:
 * here {@code floor} is a bound, and 0 is none.
 */
@Component
@Plugin(
    name = "fedbpt",
    does = "CMA-ES on the server, by solutions that clients tried",
    paper = "arXiv:2310.01467",
    options = FedBpt.Config.class,
    with = "strategy/population")
public final class FedBpt implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** How many of all solutions are parents; 0 for half of them. The paper has one a client. */
    @Range(min = 0)
    int parents() default 0;

    /** σ never falls below this; 0 for no bound. */
    @Range(min = 0)
    double floor() default 0;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new Searching(config);
  }

  private static final class Searching implements Descent {

    private final Config config;
    private SearchState state;
    private List<Tensor> pooled = List.of();
    private double[] mean = new double[0];

    Searching(Config config) {
      this.config = config;
    }

    @Override
    public Schema next(Schema global, Schema combined) {
      if (global.indexOf(SearchState.MODULE + ".covariance") < 0
          || combined.indexOf(SearchState.MODULE + ".solutions") < 0) {
        throw new Ends(
            "optimizer fedbpt needs a search as state and solutions as updates, not "
                + global.summary()
                + " and "
                + combined.summary()
                + "; it goes with trainer fedbpt and strategy population");
      }
      state = SearchState.of(global);
      pooled = combined.modules().get(0).tensors();
      return global;
    }

    /** The search's own module comes before that of the mean, which is all of the adapter. */
    @Override
    public void step(Unit unit, float[] global, float[] update, float[] next) {
      if (!unit.module().equals(SearchState.MODULE)) {
        for (int i = 0; i < unit.length(); i++) {
          next[i] = (float) mean[i];
        }
        return;
      }
      CmaEs search = state.read(global);
      Pool pool = Pool.read(pooled, update);
      double before = pool.spread();
      search.sigma(before);
      int count = pool.losses().length;
      int parents = config.parents() == 0 ? Math.max(1, count / 2) : config.parents();
      search.tell(pool.solutions(), pool.losses(), Math.min(count, parents));
      search.sigma(Math.max(config.floor(), pool.last() * search.sigma() / before));
      mean = search.mean().clone();
      double[] best = pool.losses().clone();
      Arrays.sort(best);
      state.write(search, best, next);
    }
  }
}
