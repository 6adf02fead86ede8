package fedllm.api.error;

/** The broker does not answer; the node waits or gives up, and nothing is lost. */
public class Unreachable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what was wrong, where, and what to do. */
  public Unreachable(String message) {
    super(message);
  }

  /** Says what was wrong, where, and what to do, and keeps the cause for the log. */
  public Unreachable(String message, Throwable cause) {
    super(message, cause);
  }
}
