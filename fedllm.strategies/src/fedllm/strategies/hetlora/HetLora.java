package fedllm.strategies.hetlora;

import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import fedllm.strategies.factors.Modules;
import fedllm.strategies.factors.Pair;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.osgi.service.component.annotations.Component;

/**
 * Pads the factors of clients of lower rank with zeros, and takes the mean of each factor: {@code A
 * = sum_k p_k pad(A_k)}, the same for B. In each module {@code p_k = |B_k A_k| / sum_j |B_j A_j|}
 * (Frobenius), by {@code |BA|^2 = tr(B'B AA')}. Being a mean of factors it has FedIT's cross terms,
 * and what few clients of high rank know is divided by the weights of all. What is no factor of
 * LoRA is averaged by examples.
 */
@Component
@Plugin(
    name = "hetlora",
    does = "the mean of factors padded with zeros, weighed by the norms of their products",
    paper = "arXiv:2401.06432",
    options = HetLora.Config.class,
    is = Trait.ABSOLUTE)
public final class HetLora implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** What a client counts by: the {@code norm} of its product in each module, or its examples. */
    @OneOf({"norm", "examples"})
    String weights() default "norm";
  }

  @Override
  public Units units() {
    return Units.MODULES;
  }

  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    return Pair.ordered("hetlora", global, settings);
  }

  @Override
  public Aggregation open(Options options, Round round) {
    boolean byNorm = options.as(Config.class).weights().equals("norm");
    return (unit, parts, out) -> fold(round, byNorm, unit, Modules.of(parts), out);
  }

  private static void fold(Round round, boolean byNorm, Unit unit, List<Part> parts, Block out) {
    Modules.mean(unit, parts, part -> examples(round, part), out);
    for (Pair pair : Pair.of(unit.tensors())) {
      double[] weights =
          byNorm
              ? shares(parts.stream().mapToDouble(part -> pair.in(part).norm(part.values())))
              : parts.stream().mapToDouble(part -> examples(round, part)).toArray();
      double[][] a = new double[pair.rank()][pair.in()];
      double[][] b = new double[pair.out()][pair.rank()];
      for (int k = 0; k < parts.size(); k++) {
        pair.in(parts.get(k)).addTo(a, b, weights[k], parts.get(k).values());
      }
      pair.write(a, b, out::set);
    }
  }

  /** Of products that are all zero each counts alike. */
  private static double[] shares(DoubleStream norms) {
    double[] all = norms.toArray();
    double sum = DoubleStream.of(all).sum();
    return DoubleStream.of(all).map(norm -> sum > 0 ? norm / sum : 1.0 / all.length).toArray();
  }

  private static double examples(Round round, Part part) {
    return (double) part.member().examples() / round.examples();
  }
}
