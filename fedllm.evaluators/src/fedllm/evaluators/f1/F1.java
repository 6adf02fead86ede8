package fedllm.evaluators.f1;

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

/** Measures how many words what the model writes shares with the right answer. */
@Component
@Plugin(
    name = "f1",
    does = "measures the words that written and right answers share",
    paper = "arXiv:1606.05250",
    options = Writing.Config.class)
public final class F1 implements Evaluator {

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public F1(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    return Writing.open(
        bases,
        options.as(Writing.Config.class),
        site,
        "f1",
        (written, answer) -> SharedWords.f1(Words.squad(written), Words.squad(answer)));
  }
}
