package fedllm.trainers.tokenclassification;

import fedllm.api.data.Example;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Labels;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Row;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The mean cross-entropy of each word's class, told by its first token. */
@Component
@Plugin(
    name = "token-classification",
    does = "tells the class of each word; the answer is the classes' names, one for a word",
    options = TokenClassification.Config.class)
public final class TokenClassification implements Objective {

  /** What a job may say. */
  public @interface Config {
    /** Names of the classes, in order; none for those of the base's {@code id2label}. */
    String[] labels() default {};
  }

  private static final String LOSS =
      """
          n = torch.clamp_min(torch.sum(torch.ne(labels, -100)), 1)
          return torch.neg(torch.sum((self).log_likelihoods(hidden, f, labels, w, now)) / n)
      """;

  @Override
  public Head head(Options options) {
    return Labels.head(Head.Kind.TOKEN_CLASSES, options.as(Config.class).labels());
  }

  @Override
  public Goal open(Options options, Reading reading) {
    Words words = new Words(Labels.of(options.as(Config.class).labels(), reading.base()), reading);
    return new Goal() {
      @Override
      public List<Row> rows(Example example, long number) {
        return List.of(words.row(example, number));
      }

      @Override
      public String loss() {
        return LOSS;
      }
    };
  }
}
