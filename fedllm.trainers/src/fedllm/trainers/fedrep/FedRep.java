package fedllm.trainers.fedrep;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
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
 * Shares a representation, the body, and keeps the head: of each round's steps the first move the
 * head on the body as it came, the rest the body under that head. Only the body travels. What a
 * client measures is the body with its own head.
 */
@Component
@Plugin(
    name = "fedrep",
    does = "learns a head of one's own on the shared body, then the body under it",
    paper = "arXiv:2102.07078",
    options = {Head.Config.class, FedRep.Config.class},
    is = Trait.STATEFUL)
public final class FedRep implements Trainer {

  /** Options. */
  public @interface Config {

    /** The trainer, one that follows gradients. */
    @Required
    @Wraps(Trainer.class)
    String of() default "";

    /**
     * The head's share of a round's steps; in the paper 10 epochs are the head's and 1 the body's.
     */
    @Range(above = 0, max = 0.999)
    double headShare() default 0.9;
  }

  @Override
  public Training open(Options options, Site site) {
    double share = options.as(Config.class).headShare();
    Head head = new Head(options.as(Head.Config.class));
    List<Phase> phases =
        List.of(
            Phase.called("head").between(0, share).only(head::has),
            Phase.called("body").between(share, 1).only(tensor -> !head.has(tensor)));
    return new Headed(GradientTraining.of(options, site), head, phases);
  }
}
