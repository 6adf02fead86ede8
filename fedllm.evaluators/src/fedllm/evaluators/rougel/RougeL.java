package fedllm.evaluators.rougel;

import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.trainer.Site;
import fedllm.learning.base.Bases;
import fedllm.learning.measure.Words;
import fedllm.learning.measure.Writing;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Measures how long a sequence of words what the model writes has in common with the right answer
 * (Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004; precision and recall weigh
 * alike). Words are runs of a-z and 0-9 in lower case, without a stemmer.
 */
@Component
@Plugin(
    name = "rouge-l",
    does = "measures the longest sequence of words that written and right answers share",
    options = Writing.Config.class)
public final class RougeL implements Evaluator {

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public RougeL(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    return Writing.open(
        bases,
        options.as(Writing.Config.class),
        site,
        "rougeL",
        (written, answer) -> CommonSequence.f(Words.rouge(written), Words.rouge(answer)));
  }
}
