package fedllm.api.error;

/** The work is no longer wanted. */
public final class Cancelled extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was wrong, where, and what to do. */
  public Cancelled(String message) {
    super(message);
  }

  /** Says what was wrong, where, and what to do, and keeps the cause for the log. */
  public Cancelled(String message, Throwable cause) {
    super(message, cause);
  }
}
