package fedllm.trainers.maskedlm;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.random.Philox;
import fedllm.learning.base.Reading;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Fitted;
import fedllm.learning.text.Row;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * The mean cross-entropy of the tokens that were hidden, given the text around them: {@code -1/n Σ
 * log p(label)}. Of each text a share of the tokens is chosen, anew in each round; most of those
 * are hidden behind one token, some become any token, the rest stay, and the model does not know
 * which.
 */
@Component
@Plugin(
    name = "masked-lm",
    does = "tells the tokens that were hidden from those around them",
    paper = "arXiv:1810.04805",
    options = MaskedLm.Config.class)
public final class MaskedLm implements Objective {

  /** What a job may say. */
  public @interface Config {

    /** Which share of a text's tokens is to be told; one at least. */
    @Range(above = 0, max = 1)
    double share() default 0.15;

    /** Of those the share that is hidden. */
    @Range(min = 0, max = 1)
    double hidden() default 0.8;

    /** Of those the share that becomes any token; what is left stays as it is. */
    @Range(min = 0, max = 1)
    double random() default 0.1;

    /** What hides a token, as the tokenizer calls it; RoBERTa's is {@code <mask>}. */
    String mask() default "[MASK]";
  }

  private static final String LOSS =
      """
          n = torch.clamp_min(torch.sum(torch.ne(labels, -100)), 1)
          return torch.neg(torch.sum((self).log_likelihoods(hidden, f, labels, w, now)) / n)
      """;

  @Override
  public Goal open(Options options, Reading reading) {
    Config config = options.as(Config.class);
    if (reading.base().architecture().causal()) {
      throw new SitsOut(
          reading.base().folder().folder()
              + ": foretells each token from those before it; masked-lm needs a model that reads"
              + " the text around it, such as BERT");
    }
    if (config.hidden() + config.random() > 1) {
      throw new SitsOut(
          "objective.hidden and objective.random are shares of the same tokens, but %s and %s make more than 1"
              .formatted(config.hidden(), config.random()));
    }
    return new Hiding(reading, Masks.of(config, reading.base()));
  }

  private record Hiding(Reading reading, Masks masks) implements Goal {

    /** Always the same tokens of an example are hidden, so that measures compare. */
    @Override
    public List<Row> rows(Example example, long number) {
      return rows(example, number, Philox.of(0, 0, "", number, "masks"));
    }

    @Override
    public List<Row> rows(Example example, long number, Philox random) {
      if (!(example instanceof Example.Text text)) {
        throw new SitsOut(
            "example " + number + " is no text; masked-lm hides tokens of prompt and answer");
      }
      Fitted fitted = reading.fit(List.of(text.prompt() + text.answer()), number);
      return List.of(masks.of(fitted, number, random));
    }

    @Override
    public boolean draws() {
      return true;
    }

    @Override
    public String loss() {
      return LOSS;
    }
  }
}
