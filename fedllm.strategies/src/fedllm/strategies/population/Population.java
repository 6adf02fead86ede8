package fedllm.strategies.population;

import fedllm.api.error.Ends;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Members send the solutions that they tried last, how good each was, and how far they spread; all
 * of them stand side by side, in client order:
 *
 * <pre>
 * update    fedllm.search: solutions [n, d]   losses [n]   spread [2]
 * combined  fedllm.search: solutions [m n, d] losses [m n] spread [2 m]    seeds: sums [d], empty
 * </pre>
 *
 * <p>The state's {@code fedllm.search.best} has n values, and {@code seeds.sums} has d.
 */
@Component
@Plugin(
    name = "population",
    does = "puts the solutions that members tried, and their losses, side by side",
    paper = "arXiv:2310.01467",
    with = {"trainer/fedbpt", "optimizer/fedbpt"})
public final class Population implements AggregationStrategy {

  private static final String SEARCH = "fedllm.search";

  @Override
  public Units units() {
    return Units.MODULES;
  }

  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    return new Schema(sent(global, 1));
  }

  @Override
  public Schema combined(Options options, Round round) {
    List<Tensor> tensors = new ArrayList<>(sent(round.schema(), round.members().size()));
    tensors.add(tensor(round.schema(), "seeds.sums"));
    return new Schema(tensors);
  }

  private static List<Tensor> sent(Schema global, long members) {
    long solutions = members * tensor(global, SEARCH + ".best").size();
    long dimension = tensor(global, "seeds.sums").size();
    return List.of(
        new Tensor(SEARCH, "solutions", List.of(solutions, dimension)),
        new Tensor(SEARCH, "losses", List.of(solutions)),
        new Tensor(SEARCH, "spread", List.of(2 * members)));
  }

  private static Tensor tensor(Schema global, String name) {
    int at = global.indexOf(name);
    if (at < 0) {
      throw new Ends(
          "the global state has no " + name + ", and strategy population goes with trainer fedbpt");
    }
    return global.tensors().get(at);
  }

  @Override
  public Aggregation open(Options options, Round round) {
    return Population::stack;
  }

  private static void stack(Unit unit, Iterable<Part> parts, Block out) {
    int member = 0;
    for (Part part : parts) {
      int from = 0; // in what the member sent
      int to = 0; // in what all sent
      for (int t = 0; t < part.tensors().size(); t++) {
        int own = Math.toIntExact(part.tensors().get(t).size());
        for (int i = 0; i < own; i++) {
          out.set(to + member * own + i, part.values()[from + i]);
        }
        from += own;
        to += Math.toIntExact(unit.tensors().get(t).size());
      }
      member++;
    }
  }
}
