package fedllm.evaluators.tokenaccuracy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Measures how many tokens are the likeliest after those that truly stand before them. */
@Component
@Plugin(
    name = "token-accuracy",
    does = "measures how many tokens of held-out text are the likeliest",
    options = {HeldOut.Config.class, HeldOut.Counted.class})
public final class TokenAccuracy implements Evaluator {

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public TokenAccuracy(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    HeldOut.Config config = options.as(HeldOut.Config.class);
    boolean answerOnly = options.as(HeldOut.Counted.class).loss().equals("answer");
    Adapted adapted = Adapted.open(bases, site, config.sequence(), answerOnly, Guesses.part());
    return new Measuring(config, site, adapted.reading(), adapted.model());
  }

  /** One client's measuring. */
  private record Measuring(HeldOut.Config config, Site site, Reading reading, LanguageModel model)
      implements Evaluation {

    @Override
    public Map<String, Double> evaluate(Work work, Tensors global) {
      long[] right = new long[1];
      long[] tokens = new long[1];
      try (NDManager owner = model.newManager()) {
        NDList values = model.list(owner, "p", global);
        HeldOut.read(
            config,
            site,
            work,
            (example, number) -> List.of(reading.row(example, number)),
            model.places(),
            batch -> {
              long[] likeliest = Guesses.of(model, batch, values).likeliest();
              int next = 0;
              for (long label : batch.labels()) {
                if (label != Batch.NONE && label == likeliest[next++]) {
                  right[0]++;
                }
              }
              tokens[0] += batch.targets();
            });
      }
      return Map.of(
          "tokenAccuracy",
          (double) right[0] / tokens[0],
          "tokenAccuracyTokens",
          (double) tokens[0]);
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
