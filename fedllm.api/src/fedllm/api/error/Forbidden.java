package fedllm.api.error;

/** The broker knows us and does not let us; its operator has to allow it, and nothing is lost. */
public final class Forbidden extends Unreachable {

  private static final long serialVersionUID = 1L;

  private final String principal;

  /**
   * Says what was forbidden, to whom and where, and keeps the cause for the log.
   *
   * @param principal whom the broker knows us as, as far as our own settings say it
   */
  public Forbidden(String message, String principal, Throwable cause) {
    super(message, cause);
    this.principal = principal;
  }

  /** Whom the broker knows us as. */
  public String principal() {
    return principal;
  }
}
