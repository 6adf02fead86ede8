package fedllm.evaluators.options;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.data.Turn;
import fedllm.api.error.SitsOut;
import fedllm.learning.measure.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The answers that there are.
 *
 * @param labels without blanks around them
 */
record Answers(List<String> labels) {

  /** More different answers than this are no classes. */
  private static final int MOST = 256;

  /** Those that are named, or those of the data. */
  static Answers of(String[] named, Data data) {
    TreeSet<String> labels = new TreeSet<>();
    if (named.length > 0) {
      Arrays.stream(named).map(String::strip).forEach(labels::add);
    } else {
      try (Stream<Example> held = data.heldOut()) {
        Iterator<Example> examples = held.iterator();
        for (long number = 1; examples.hasNext() && labels.size() <= MOST; number++) {
          Example example = examples.next();
          if (!(example instanceof Example.Preference)) {
            labels.add(Question.answer(example, number).strip());
          }
        }
      }
      if (labels.size() > MOST) {
        throw new SitsOut(
            "the held-out examples have more than "
                + MOST
                + " different answers, which are no options; name labels");
      }
    }
    return new Answers(List.copyOf(labels));
  }

  /**
   * One question with all its answers.
   *
   * @param options the same example with each of the answers
   * @param lengths characters of each answer
   * @param right which of them is right
   */
  record Choice(List<Example> options, int[] lengths, int right) {

    /** Whether the right one's score is above all others'. */
    boolean isLikeliest(double[] scores) {
      for (int i = 0; i < scores.length; i++) {
        if (i != right && !(scores[right] > scores[i])) {
          return false;
        }
      }
      return true;
    }

    double[] perCharacter(double[] scores) {
      double[] divided = new double[scores.length];
      Arrays.setAll(divided, i -> scores[i] / Math.max(1, lengths[i]));
      return divided;
    }
  }

  /** An example with each of the answers in its place; messages repeat nothing of it. */
  Choice choice(Example example, long number) {
    if (example instanceof Example.Preference pair) {
      List<Example> both = List.of(pair.chosen(), pair.rejected());
      return choice(both, both.stream().map(each -> Question.answer(each, number)).toList(), 0);
    }
    String answer = Question.answer(example, number);
    int right = labels.indexOf(answer.strip());
    if (right < 0) {
      throw new SitsOut(
          "the answer of example " + number + " is none of the labels; name all, or leave it out");
    }
    if (labels.size() < 2) {
      throw new SitsOut("all answers are one and the same; name labels");
    }
    String before = answer.substring(0, answer.indexOf(labels.get(right)));
    List<Example> options = new ArrayList<>();
    for (String label : labels) {
      options.add(with(example, before + label));
    }
    return choice(options, labels, right);
  }

  private static Choice choice(List<Example> options, List<String> answers, int right) {
    int[] lengths =
        answers.stream().mapToInt(text -> text.codePointCount(0, text.length())).toArray();
    return new Choice(options, lengths, right);
  }

  private static Example with(Example example, String answer) {
    if (example instanceof Example.Text text) {
      return new Example.Text(text.prompt(), answer);
    }
    List<Turn> turns = new ArrayList<>(((Example.Conversation) example).turns());
    turns.set(turns.size() - 1, new Turn(Turn.Role.ASSISTANT, answer));
    return new Example.Conversation(turns);
  }
}
