package fedllm.learning.jinja;

/** A template cannot be read or rendered; the message repeats nothing that it was given. */
public final class TemplateError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int line;

  /** An error at the line that is being rendered. */
  TemplateError(String message) {
    this(0, message);
  }

  /** An error at a line of the template, 1 for the first. */
  TemplateError(int line, String message) {
    super(message);
    this.line = line;
  }

  /** The line of the template. */
  public int line() {
    return line;
  }
}
