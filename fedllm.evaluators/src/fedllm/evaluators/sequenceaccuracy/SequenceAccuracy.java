package fedllm.evaluators.sequenceaccuracy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.measure.Adapted;
import fedllm.learning.measure.Guesses;
import fedllm.learning.measure.HeldOut;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Measures how many texts have no token, of their answers where they have any, that is not the
 * likeliest after those that truly stand before it. What the model writes by itself is compared by
 * {@code exact-match}.
 */
@Component
@Plugin(
    name = "sequence-accuracy",
    does = "measures how many answers of held-out text are the likeliest, token by token",
    options = HeldOut.Config.class)
public final class SequenceAccuracy implements Evaluator {

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public SequenceAccuracy(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    HeldOut.Config config = options.as(HeldOut.Config.class);
    Adapted adapted = Adapted.open(bases, site, config.sequence(), true, Guesses.part());
    return new Measuring(config, site, adapted.reading(), adapted.model());
  }

  /** One client's measuring. */
  private record Measuring(HeldOut.Config config, Site site, Reading reading, LanguageModel model)
      implements Evaluation {

    @Override
    public Map<String, Double> evaluate(Work work, Tensors global) {
      long[] right = new long[1];
      long[] examples = new long[1];
      long[] tokens = new long[1];
      try (NDManager owner = model.newManager()) {
        NDList values = model.list(owner, "p", global);
        HeldOut.read(
            config,
            site,
            work,
            (example, number) -> List.of(row(example, number)),
            model.places(),
            batch -> {
              right[0] += right(batch, Guesses.of(model, batch, values).likeliest());
              examples[0] += batch.rows();
              tokens[0] += batch.targets();
            });
      }
      return Map.of(
          "sequenceAccuracy",
          (double) right[0] / examples[0],
          "sequenceAccuracyExamples",
          (double) examples[0],
          "sequenceAccuracyTokens",
          (double) tokens[0]);
    }

    /** Without a token to tell, any text would be right. */
    private Row row(Example example, long number) {
      Row row = reading.row(example, number);
      if (row.targets() == 0) {
        throw new SitsOut(
            "example "
                + number
                + " has no answer among its first "
                + config.sequence()
                + " tokens; raise sequence, or leave it out");
      }
      return row;
    }

    /** Rows all of whose labels are the likeliest. */
    private static long right(Batch batch, long[] likeliest) {
      int labelled = batch.labels().length / batch.rows();
      long right = 0;
      int next = 0;
      for (int row = 0; row < batch.rows(); row++) {
        boolean all = true;
        for (int i = row * labelled; i < (row + 1) * labelled; i++) {
          if (batch.labels()[i] != Batch.NONE) {
            all &= batch.labels()[i] == likeliest[next++];
          }
        }
        right += all ? 1 : 0;
      }
      return right;
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
