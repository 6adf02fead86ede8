package fedllm.evaluators.options;

import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.measure.Adapted;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Measures how often the right one of several answers is likelier than all others: by the sum of
 * its tokens' log-likelihoods, and by that sum divided by its characters, so that long answers are
 * not at a disadvantage.
 */
@Component
@Plugin(
    name = "options",
    does = "measures how often the right one of several answers is the likeliest",
    paper = "arXiv:2009.03300",
    options = OptionLikelihood.Config.class)
public final class OptionLikelihood implements Evaluator {

  /** What a job may say. */
  public @interface Config {

    /**
     * What can be answered, such as {@code [A, B, C, D]}; empty for all answers that this silo's
     * held-out examples have. An example of two answers brings its own.
     */
    String[] labels() default {};

    /** Answers side by side. */
    @Range(min = 1)
    int batch() default 8;

    /** Examples at most; 0 for all. */
    @Range(min = 0)
    int limit() default 0;
  }

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public OptionLikelihood(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    return new Measuring(options.as(Config.class), site, Adapted.open(bases, site));
  }

  /** One client's measuring. */
  private record Measuring(Config config, Site site, LanguageModel model) implements Evaluation {

    @Override
    public Map<String, Double> evaluate(Work work, Tensors global) {
      Answers answers = Answers.of(config.labels(), site.data());
      long number = 0;
      long right = 0;
      long tokens = 0;
      long rightPerCharacter = 0;
      try (Stream<Example> held = site.data().heldOut();
          NDManager owner = model.newManager()) {
        Scoring scoring = new Scoring(model, model.list(owner, "p", global), config.batch());
        Iterator<Example> examples =
            (config.limit() == 0 ? held : held.limit(config.limit())).iterator();
        while (examples.hasNext()) {
          number++;
          Answers.Choice choice = answers.choice(examples.next(), number);
          Scoring.Scores scores = scoring.scores(choice.options(), number);
          double[] likelihoods = scores.likelihoods();
          tokens += scores.tokens();
          right += choice.isLikeliest(likelihoods) ? 1 : 0;
          rightPerCharacter += choice.isLikeliest(choice.perCharacter(likelihoods)) ? 1 : 0;
          work.progress().at("example", number, config.limit());
        }
      }
      if (number == 0) {
        throw new SitsOut(
            "there is no held-out text to measure with; keep some, or do not measure");
      }
      return Map.of(
          "options",
          (double) right / number,
          "optionsPerCharacter",
          (double) rightPerCharacter / number,
          "optionsExamples",
          (double) number,
          "optionsTokens",
          (double) tokens);
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
