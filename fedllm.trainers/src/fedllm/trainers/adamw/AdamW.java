package fedllm.trainers.adamw;

import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Wraps;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.learning.objective.Objective;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Back-propagation, and Adam with decoupled weight decay, fresh in each round:
 *
 * <pre>
 * m = β₁ m + (1 - β₁) g          v = β₂ v + (1 - β₂) g²
 * p = p - η λ p - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 * </pre>
 */
@Component
@Plugin(
    name = "adamw",
    does = "trains by back-propagation with AdamW",
    paper = "arXiv:1711.05101",
    options = AdamW.Config.class)
public final class AdamW implements Trainer {

  /** What a job may say. */
  public @interface Config {

    /** Optimizer steps in a round; 0 where {@code epochs} counts. */
    @Range(min = 0)
    int steps() default 20;

    /** Passes over the client's examples in a round; 0 where {@code steps} counts. */
    @Range(min = 0)
    int epochs() default 0;

    /** Examples in a step. */
    @Range(min = 1)
    int batch() default 8;

    /** Tokens of a text that are fed at most. */
    @Range(min = 1)
    int sequence() default 256;

    /** Learning rate η at its highest. */
    @Range(above = 0)
    double learningRate() default 1e-3;

    /** How η falls over the round's steps: to zero, or not at all. */
    @OneOf({"constant", "linear", "cosine"})
    String schedule() default "constant";

    /** Share of the round's steps over which η first rises. */
    @Range(min = 0, max = 1)
    double warmup() default 0;

    /** Weight decay λ. */
    @Range(min = 0)
    double weightDecay() default 0.01;

    /** β₁, how slowly the mean of gradients follows. */
    @Range(min = 0, max = 1)
    double beta1() default 0.9;

    /** β₂, how slowly the mean of their squares follows. */
    @Range(min = 0, max = 1)
    double beta2() default 0.999;

    /** ε, what keeps the division finite. */
    @Range(above = 0)
    double epsilon() default 1e-8;

    /** Longest gradient, over all trained tensors; 0 for no bound. */
    @Range(min = 0)
    double clipNorm() default 0;

    /** Whether each pass takes the examples in an order of its own. */
    boolean shuffle() default true;

    /** Whether prompts are learned too, or answers alone. */
    @OneOf({"all", "answer"})
    String loss() default "all";

    /** Whether layers are computed again on the way back, for less memory at some time. */
    boolean checkpoint() default false;

    /** What is made small. */
    @Wraps(Objective.class)
    String objective() default "causal-lm";
  }

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public AdamW(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return new BackPropagation(bases, options, site);
  }
}
