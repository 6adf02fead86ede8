package fedllm.learning.text;

import java.util.List;

/**
 * A text of which parts are answers.
 *
 * @param text the whole
 * @param answers the parts, in order and apart
 */
public record Marked(String text, List<Span> answers) {
  public Marked {
    answers = List.copyOf(answers);
  }

  /** Whether nothing stands after the last answer. */
  boolean endsInAnswer() {
    return !answers.isEmpty() && answers.get(answers.size() - 1).to() == text.length();
  }

  /** The characters (UTF-16) from one place up to another. */
  public record Span(int from, int to) {}
}
