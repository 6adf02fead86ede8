package fedllm.trainers.fedper;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.Phase;
import fedllm.trainers.heads.Head;
import fedllm.trainers.heads.Headed;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * Shares the body and keeps the head (the paper's personalization layers): both are learned
 * together, and only the body travels. What a client measures is the body with its own head.
 */
@Component
@Plugin(
    name = "fedper",
    does = "learns a head of one's own together with the shared body",
    paper = "arXiv:1912.00818",
    options = {Head.Config.class, FedPer.Config.class},
    is = Trait.STATEFUL)
public final class FedPer implements Trainer {

  /** Options. */
  public @interface Config {

    /** The trainer, one that follows gradients. */
    @Required
    @Wraps(Trainer.class)
    String of() default "";
  }

  @Override
  public Training open(Options options, Site site) {
    Head head = new Head(options.as(Head.Config.class));
    return new Headed(GradientTraining.of(options, site), head, List.of(Phase.WHOLE));
  }
}
