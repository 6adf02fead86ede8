package fedllm.trainers.sequenceclassification;

import fedllm.api.data.Example;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Labelled;
import fedllm.learning.objective.Labels;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Fitted;
import fedllm.learning.text.Row;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The mean cross-entropy of each text's class: {@code -1/n Σ log p(class)}. */
@Component
@Plugin(
    name = "sequence-classification",
    does = "tells the class of a text or of a pair; the answer is the class's name",
    options = SequenceClassification.Config.class)
public final class SequenceClassification implements Objective {

  /** What a job may say. */
  public @interface Config {
    /** Names of the classes, in order; none for those of the base's {@code id2label}. */
    String[] labels() default {};
  }

  private static final String LOSS =
      """
          return torch.neg(torch.mean((self).log_likelihoods(hidden, f, labels, w, now)))
      """;

  @Override
  public Head head(Options options) {
    return Labels.head(Head.Kind.SEQUENCE_CLASSES, options.as(Config.class).labels());
  }

  @Override
  public Goal open(Options options, Reading reading) {
    Labels labels = Labels.of(options.as(Config.class).labels(), reading.base());
    return new Goal() {
      @Override
      public List<Row> rows(Example example, long number) {
        Labelled labelled = Labelled.of(example, number);
        int[] label = {labels.number(labelled.label(), number)};
        Fitted fitted = reading.fit(labelled.texts(), number);
        return List.of(new Row(fitted.ids(), label, fitted.types()));
      }

      @Override
      public String loss() {
        return LOSS;
      }

      @Override
      public boolean packs() {
        return false;
      }
    };
  }
}
