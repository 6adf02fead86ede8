package fedllm.trainers.dpo;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.learning.base.Reading;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * Direct preference optimization: of two answers to the same, the chosen one is to gain more over
 * the base model than the rejected one,
 *
 * <pre>
 * d = β (log π(chosen) / π₀(chosen) - log π(rejected) / π₀(rejected))
 * loss = mean(-(1 - ε) log σ(d) - ε log σ(-d))
 * </pre>
 *
 * where π₀ is the base without adapters. Only answers count, whatever the trainer's {@code loss}.
 */
@Component
@Plugin(
    name = "dpo",
    does = "prefers what was chosen to what was rejected",
    paper = "arXiv:2305.18290",
    options = Dpo.Config.class)
public final class Dpo implements Objective {

  /** Options. */
  public @interface Config {

    /** β, how close to the base the model is held. */
    @Range(above = 0)
    double beta() default 0.1;

    /** ε, the share of choices that may be mistaken. */
    @Range(min = 0, max = 0.5)
    double labelSmoothing() default 0;
  }

  private static final String LOSS =
      """
          ours = (self).log_likelihoods(hidden, f, labels, w, now)
          gain = torch.reshape(ours - (self).bare_log_likelihoods(bare, f, labels, w, now), [-1, 2])
          d = BETA * (torch.select(gain, 1, 0) - torch.select(gain, 1, 1))
          right = torch.log_sigmoid(d) * SURE + torch.log_sigmoid(torch.neg(d)) * UNSURE
          return torch.neg(torch.mean(torch.to(right, 6)))
      """;

  @Override
  public Goal open(Options options, Reading reading) {
    Config config = options.as(Config.class);
    Reading answers = new Reading(reading.base(), reading.sequence(), true);
    return new Pairs(
        answers,
        LOSS.replace("BETA", Double.toString(config.beta()))
            .replace("UNSURE", Double.toString(config.labelSmoothing()))
            .replace("SURE", Double.toString(1 - config.labelSmoothing())));
  }

  private record Pairs(Reading reading, String loss) implements Goal {

    @Override
    public List<Row> rows(Example example, long number) {
      if (!(example instanceof Example.Preference pair)) {
        throw new SitsOut(
            "example "
                + number
                + " is one answer, but dpo learns from two; choose a template with chosen and"
                + " rejected");
      }
      return List.of(row(pair.chosen(), number), row(pair.rejected(), number));
    }

    private Row row(Example answer, long number) {
      Row row = reading.row(answer, number);
      if (row.targets() == 0) {
        throw new SitsOut(
            "of an answer of example "
                + number
                + " nothing is within the first "
                + reading.sequence()
                + " tokens; raise trainer.sequence or take the row out");
      }
      return row;
    }

    @Override
    public double weight(Batch batch) {
      return batch.rows() / 2.0;
    }

    @Override
    public boolean packs() {
      return false;
    }

    @Override
    public boolean compares() {
      return true;
    }
  }
}
