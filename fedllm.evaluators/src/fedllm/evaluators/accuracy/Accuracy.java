package fedllm.evaluators.accuracy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Wraps;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.measure.Guesses;
import fedllm.learning.measure.HeldOut;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Measures how often the likeliest class of a text, or of a word, is the right one, and the mean F1
 * over classes: {@code 2 tp / (2 tp + fp + fn)}.
 */
@Component
@Plugin(
    name = "accuracy",
    does = "measures how often the right class is told, and F1 over classes",
    options = {HeldOut.Config.class, Accuracy.Config.class})
public final class Accuracy implements Evaluator {

  /** What a job may say. */
  public @interface Config {
    /** What is to be told, such as the trainer's own. */
    @Wraps(Objective.class)
    String objective() default "sequence-classification";
  }

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public Accuracy(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    HeldOut.Config config = options.as(HeldOut.Config.class);
    Choice<PeftMethod> peft = site.choice("peft", PeftMethod.class);
    Choice<Objective> objective = options.choice("objective", Objective.class);
    Head head = objective.plugin().head(objective.options());
    if (head.kind() == Head.Kind.TOKENS) {
      throw new SitsOut(
          "accuracy counts classes, but its objective tells none; of tokens count token-accuracy"
              + " and sequence-accuracy");
    }
    Base base = bases.open(site, head);
    try {
      Adapter adapter = peft.plugin().open(peft.options(), base.architecture());
      Reading reading = new Reading(base, config.sequence(), false).behind(adapter);
      Objective.Goal goal = objective.plugin().open(objective.options(), reading);
      LanguageModel model = new LanguageModel(base, adapter, Guesses.part());
      return new Measuring(config, site, goal, model);
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }

  /** One client's measuring. */
  private record Measuring(
      HeldOut.Config config, Site site, Objective.Goal goal, LanguageModel model)
      implements Evaluation {

    @Override
    public Map<String, Double> evaluate(Work work, Tensors global) {
      Confusion confusion = new Confusion();
      double[] nats = new double[1];
      try (NDManager owner = model.newManager()) {
        NDList values = model.list(owner, "p", global);
        HeldOut.read(
            config,
            site,
            work,
            goal::rows,
            model.places(),
            batch -> {
              Guesses guesses = Guesses.of(model, batch, values);
              int next = 0;
              for (long label : batch.labels()) {
                if (label != Batch.NONE) {
                  confusion.add(label, guesses.likeliest()[next++]);
                }
              }
              nats[0] += guesses.nats();
            });
      }
      return Map.of(
          "accuracy",
          confusion.accuracy(),
          "accuracyLoss",
          nats[0] / confusion.all(),
          "accuracyLabels",
          (double) confusion.all(),
          "accuracyMacroF1",
          confusion.macroF1());
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
