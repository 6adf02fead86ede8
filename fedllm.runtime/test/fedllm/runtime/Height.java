package fedllm.runtime;

import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.trainer.Site;
import java.util.Map;

/** An evaluator for tests: reports the first value of the state. */
@Plugin(name = "height", does = "Reports the first value.")
final class Height implements Evaluator {

  @Override
  public Evaluation open(Options options, Site site) {
    return (work, global) -> Map.of("height", (double) global.values(0)[0]);
  }
}
