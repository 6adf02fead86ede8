package fedllm.api.evaluator;

import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Work;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** One client's measuring in one run. */
@ConsumerType
public interface Evaluation extends AutoCloseable {

  /**
   * Named numbers. Their names begin with the evaluator's own, such as {@code rougeL} and {@code
   * rougeLExamples} of {@code rouge-l}, so that those of a job do not clash; the one that is called
   * as the evaluator is stands in tables. Only {@code perplexity} reports {@code loss}, in nats per
   * token.
   */
  Map<String, Double> evaluate(Work work, Tensors global);

  @Override
  default void close() {}
}
