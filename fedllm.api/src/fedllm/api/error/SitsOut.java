package fedllm.api.error;

/** This client sits out the round; the others go on. */
public final class SitsOut extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was wrong, where, and what to do. */
  public SitsOut(String message) {
    super(message);
  }

  /** Says what was wrong, where, and what to do, and keeps the cause for the log. */
  public SitsOut(String message, Throwable cause) {
    super(message, cause);
  }
}
