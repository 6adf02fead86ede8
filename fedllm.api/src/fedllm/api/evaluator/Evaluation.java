package fedllm.api.evaluator;

import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Work;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** One client's measuring in one run. */
@ConsumerType
public interface Evaluation extends AutoCloseable {

  /** Named numbers, such as {@code loss} in nats per token and {@code perplexity}. */
  Map<String, Double> evaluate(Work work, Tensors global);

  @Override
  default void close() {}
}
