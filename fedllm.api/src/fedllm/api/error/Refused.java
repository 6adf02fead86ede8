package fedllm.api.error;

/** A submission is refused; nothing has changed. */
public final class Refused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was wrong, where, and what to do. */
  public Refused(String message) {
    super(message);
  }

  /** Says what was wrong, where, and what to do, and keeps the cause for the log. */
  public Refused(String message, Throwable cause) {
    super(message, cause);
  }
}
