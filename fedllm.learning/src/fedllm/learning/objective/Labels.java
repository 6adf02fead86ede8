package fedllm.learning.objective;

import fedllm.api.error.SitsOut;
import fedllm.learning.base.Base;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of classes, in order. Immutable. */
public final class Labels {

  private final List<String> names;
  private final Map<String, Integer> numbers = new HashMap<>();

  private Labels(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : names) {
      if (numbers.put(name, numbers.size()) != null) {
        throw new SitsOut("labels names the class " + name + " twice");
      }
    }
  }

  /** The head for the names that a job gives; where it gives none, the model's files say it. */
  public static Head head(Head.Kind kind, String[] names) {
    return new Head(kind, names.length);
  }

  /**
   * Those that a job names, or else those of the model's configuration.
   *
   * @throws SitsOut when there are none or not as many as the model's head has, or what the
   *     configuration asks for is no choice of one class
   */
  public static Labels of(String[] names, Base base) {
    ModelConfig config = ModelConfig.read(base.folder().config());
    String problem = "single_label_classification";
    if (!config.text("problem_type", problem).equals(problem)) {
      throw config.odd("problem_type", problem + ": one class for each");
    }
    Labels labels = new Labels(names.length > 0 ? List.of(names) : config.labels());
    int classes = base.architecture().head().classes();
    if (labels.names.size() != classes || classes < 2) {
      throw new SitsOut(
          "there are "
              + labels.names.size()
              + " labels for a head of "
              + classes
              + " classes; name at least two in the option labels, in order");
    }
    return labels;
  }

  /** The names. */
  public List<String> names() {
    return names;
  }

  /**
   * The number of a class.
   *
   * @param example which example has it, for the message, which repeats nothing of it
   */
  public int number(String name, long example) {
    Integer number = numbers.get(name);
    if (number == null) {
      throw new SitsOut(
          "example "
              + example
              + " has a label that is none of the "
              + names.size()
              + " classes; check the option labels and the template's answer");
    }
    return number;
  }
}
