package fedllm.strategies.halves;

import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Wraps;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Members send two estimates of each tensor X of the state, {@code X.first} and {@code X.second};
 * each is combined as another strategy does it. How far the two are apart tells what they are
 * worth.
 */
@Component
@Plugin(
    name = "halves",
    does = "combines two estimates of each tensor, apart from each other",
    paper = "arXiv:2308.13894",
    options = Halves.Config.class)
public final class Halves implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** How each half is combined; one that works on modules does not fit. */
    @Wraps(AggregationStrategy.class)
    String of() default "fedavg";
  }

  @Override
  public Aggregation open(Options options, Round round) {
    Choice<AggregationStrategy> of = of(options);
    return of.plugin().open(of.options(), round);
  }

  @Override
  public void admit(Options options, int members) {
    Choice<AggregationStrategy> of = of(options);
    of.plugin().admit(of.options(), members);
  }

  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    return new Schema(
        global.tensors().stream()
            .flatMap(tensor -> List.of(half(tensor, "first"), half(tensor, "second")).stream())
            .toList());
  }

  private static Tensor half(Tensor tensor, String which) {
    return new Tensor(tensor.module(), tensor.parameter() + "." + which, tensor.shape());
  }

  @Override
  public Units units() {
    return Units.COLUMNS;
  }

  private static Choice<AggregationStrategy> of(Options options) {
    return options.choice("of", AggregationStrategy.class);
  }
}
