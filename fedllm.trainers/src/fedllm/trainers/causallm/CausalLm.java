package fedllm.trainers.causallm;

import fedllm.api.data.Example;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.learning.base.Reading;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Row;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The mean cross-entropy of each token given those before it: {@code -1/n Σ log p(label)}. */
@Component
@Plugin(name = "causal-lm", does = "foretells each token from those before it")
public final class CausalLm implements Objective {

  private static final String LOSS =
      """
          n = torch.clamp_min(torch.sum(torch.ne(labels, -100)), 1)
          return torch.neg(torch.sum((self).log_likelihoods(hidden, f, labels, w, now)) / n)
      """;

  @Override
  public Goal open(Options options, Reading reading) {
    return new Goal() {
      @Override
      public List<Row> rows(Example example, long number) {
        return List.of(reading.row(example, number));
      }

      @Override
      public String loss() {
        return LOSS;
      }
    };
  }
}
