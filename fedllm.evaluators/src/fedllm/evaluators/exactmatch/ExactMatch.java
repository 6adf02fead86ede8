package fedllm.evaluators.exactmatch;

import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.trainer.Site;
import fedllm.learning.base.Bases;
import fedllm.learning.measure.Words;
import fedllm.learning.measure.Writing;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Measures how often what the model writes is the right answer, word by word. */
@Component
@Plugin(
    name = "exact-match",
    does = "measures how often the model writes the right answer",
    paper = "arXiv:1606.05250",
    options = {Writing.Config.class, ExactMatch.Config.class})
public final class ExactMatch implements Evaluator {

  /** What a job may say. */
  public @interface Config {

    /** Compare words without case, punctuation and articles; or text, blanks at its ends aside. */
    @OneOf({"words", "text"})
    String compare() default "words";

    /** Compare only what follows the last of this text, such as {@code ####}; empty for all. */
    String after() default "";
  }

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public ExactMatch(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    Config config = options.as(Config.class);
    return Writing.open(
        bases,
        options.as(Writing.Config.class),
        site,
        "exactMatch",
        (written, answer) -> matches(config, written, answer) ? 1 : 0);
  }

  static boolean matches(Config config, String written, String answer) {
    String left = after(config.after(), written);
    String right = after(config.after(), answer);
    return config.compare().equals("text")
        ? left.strip().equals(right.strip())
        : Words.squad(left).equals(Words.squad(right));
  }

  /** Where the text does not come, all of it. */
  private static String after(String mark, String text) {
    int at = mark.isEmpty() ? -1 : text.lastIndexOf(mark);
    return at < 0 ? text : text.substring(at + mark.length());
  }
}
