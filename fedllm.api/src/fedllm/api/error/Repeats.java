package fedllm.api.error;

/** The round cannot close and is repeated. */
public final class Repeats extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was wrong, where, and what to do. */
  public Repeats(String message) {
    super(message);
  }

  /** Says what was wrong, where, and what to do, and keeps the cause for the log. */
  public Repeats(String message, Throwable cause) {
    super(message, cause);
  }
}
