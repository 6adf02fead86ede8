package fedllm.api.error;

/** The run ends without a result. */
public final class Ends extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was wrong, where, and what to do. */
  public Ends(String message) {
    super(message);
  }

  /** Says what was wrong, where, and what to do, and keeps the cause for the log. */
  public Ends(String message, Throwable cause) {
    super(message, cause);
  }
}
