package fedllm.build;

/** Ends the build; the message says it all. */
final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Failure(String message) {
    super(message);
  }
}
