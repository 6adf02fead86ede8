package fedllm.api.error;

/** The run pauses at the round's boundary until somebody or something resumes it. */
public final class Pauses extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was wrong, where, and what to do. */
  public Pauses(String message) {
    super(message);
  }

  /** Says what was wrong, where, and what to do, and keeps the cause for the log. */
  public Pauses(String message, Throwable cause) {
    super(message, cause);
  }
}
