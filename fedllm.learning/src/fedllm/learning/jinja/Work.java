package fedllm.learning.jinja;

/** What one rendering may still do: a template comes with a model from anywhere. */
final class Work {

  /** Some 100 MB at most, and less than a second; a turn of a conversation takes about 2,000. */
  private static final long MOST = 50_000_000;

  private static final int MOST_CALLS = 100;

  private long left = MOST;
  private int calls;
  private int line;

  /** One operation, at a line of the template. */
  void at(int templateLine) {
    line = templateLine;
    spend(50);
  }

  /** As many characters or elements are made or looked at. */
  void spend(long amount) {
    left -= amount;
    if (left < 0) {
      throw new TemplateError("the template asks for too much work or text");
    }
  }

  void enter() {
    if (++calls > MOST_CALLS) {
      throw new TemplateError("macros call each other too deeply");
    }
  }

  void leave() {
    calls--;
  }

  int line() {
    return line;
  }
}
