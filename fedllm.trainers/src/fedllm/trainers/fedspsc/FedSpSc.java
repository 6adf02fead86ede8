package fedllm.trainers.fedspsc;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Trains nothing. The global state is questions; a client looks up its own questions with the same
 * parameters, asks the base model each of them, and sends the numbers that the answers come to as
 * votes. Nothing of a text or a model travels.
 *
 * <p>After the paper; embedding and ways of asking are options here. Each question itself counts as
 * one of its paraphrases, so that one vote a question is plain prompting.
 */
@Component
@Plugin(
    name = "fedspsc",
    does = "asks the model a question and the client's own paraphrases of it, and votes",
    paper = "arXiv:2304.13911",
    options = FedSpSc.Config.class,
    with = "strategy/majority")
public final class FedSpSc implements Trainer {

  /** Options. */
  public @interface Config {

    /** What is asked. Every client reads these. */
    @Required
    String[] questions() default {};

    /** S, the votes that count for a question. */
    @Range(min = 1)
    int votes() default 8;

    /**
     * How a question is laid out, {@code {question}} for itself and {@code \n} for a new line: as
     * the template of the clients' data lays theirs out.
     */
    String layout() default "Question: {question}\\nAnswer: ";

    /** What is put behind each question, such as {@code Let's think step by step.}. */
    String cue() default "";

    /** Answers that are written side by side. */
    @Range(min = 1)
    int batch() default 8;

    /** Tokens of an answer at most. */
    @Range(min = 1)
    int maxTokens() default 128;

    /** Texts that end an answer, beside the model's own end. */
    String[] stops() default {"Question:"};

    /** How freely the model writes; 0 takes the likeliest token each time. */
    @Range(min = 0, max = 100)
    double temperature() default 0;
  }

  private final Bases bases;

  /** Asks these base models. */
  @Activate
  public FedSpSc(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return new Asking(bases, options.as(Config.class), site);
  }
}
