package fedllm.strategies.flexlora;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import fedllm.strategies.factors.Modules;
import fedllm.strategies.factors.Pair;
import fedllm.strategies.factors.ProductSum;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Takes the mean of the clients' products, not of their factors, and cuts it to the state's rank:
 * {@code W = sum_k p_k B_k A_k = U S V'}, {@code B = U_r S_r}, {@code A = V_r'}, with p_k by
 * examples. Clients may have any ranks; each is given the first of the state's, which are the
 * largest singular values'. The scale is alpha / rank of the job for all of them, and so stands
 * outside. What is no factor of LoRA is averaged.
 */
@Component
@Plugin(
    name = "flexlora",
    does = "the best factors of the mean product, from clients of any ranks",
    paper = "arXiv:2402.11505",
    is = Trait.ABSOLUTE)
public final class FlexLora implements AggregationStrategy {

  @Override
  public Units units() {
    return Units.MODULES;
  }

  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    return Pair.ordered("flexlora", global, settings);
  }

  @Override
  public Aggregation open(Options options, Round round) {
    return (unit, parts, out) -> fold(round, unit, Modules.of(parts), out);
  }

  private static void fold(Round round, Unit unit, List<Part> parts, Block out) {
    Modules.mean(unit, parts, part -> share(round, part.member()), out);
    for (Pair pair : Pair.of(unit.tensors())) {
      ProductSum sum = new ProductSum(pair.out(), pair.in());
      for (Part part : parts) {
        sum.add(share(round, part.member()), pair.in(part), part.values());
      }
      ProductSum.Cut cut =
          sum.cut(
              pair.rank(),
              round.scope().random(round.number(), 0, "further rows of " + pair.a().name()));
      pair.write(cut.a(), cut.b(), out::set);
    }
  }

  private static double share(Round round, Member member) {
    return (double) member.examples() / round.examples();
  }
}
