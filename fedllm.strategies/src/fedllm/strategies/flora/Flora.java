package fedllm.strategies.flora;

import fedllm.api.error.Ends;
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
import org.osgi.service.component.annotations.Component;

/**
 * Stacks the factors that clients of any ranks trained anew in a round: {@code A = [p_1 A_1; ..;
 * p_K A_K]}, {@code B = [B_1 | .. | B_K]}, so that {@code BA = sum p_k B_k A_k} without a cross
 * term; p_k by examples. The optimizer {@code stack} puts that beside what the state has, and the
 * peft {@code flora} trains fresh factors beside it. What is no factor of LoRA is averaged.
 */
@Component
@Plugin(
    name = "flora",
    does = "stacks the factors of clients of any ranks, so that their products add up exactly",
    paper = "arXiv:2409.05976",
    with = {"optimizer/stack", "peft/flora", "planner/ranks"},
    is = Trait.ABSOLUTE)
public final class Flora implements AggregationStrategy {

  @Override
  public Units units() {
    return Units.MODULES;
  }

  /** The client's own rank, whatever the stack has. */
  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    if (!(settings.get("rank") instanceof Integer rank)) {
      throw new Ends("flora: the planner gives a client no rank; take planner ranks");
    }
    return Pair.with(
        global,
        pair -> {
          if (rank < 1 || rank > pair.most()) {
            throw new Ends(
                "flora: rank %d is asked of a client, and %s of %d x %d has ranks 1 to %d; lower the planner's"
                    .formatted(rank, pair.a().module(), pair.out(), pair.in(), pair.most()));
          }
          return rank;
        });
  }

  @Override
  public Schema combined(Options options, Round round) {
    return Pair.with(round.schema(), pair -> Pair.ranks(pair, round.updates()));
  }

  @Override
  public Aggregation open(Options options, Round round) {
    return (unit, parts, out) -> fold(round, unit, Modules.of(parts), out);
  }

  private static void fold(Round round, Unit unit, List<Part> parts, Block out) {
    Modules.mean(unit, parts, part -> share(round, part), out);
    for (Pair stack : Pair.of(unit.tensors())) {
      int from = 0;
      for (Part part : parts) {
        Pair one = stack.in(part);
        one.copyTo(stack, from, share(round, part), part.values(), out::set);
        from += one.rank();
      }
    }
  }

  private static double share(Round round, Part part) {
    return (double) part.member().examples() / round.examples();
  }
}
