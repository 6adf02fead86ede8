package fedllm.cli;

/** Whether a person sits at a terminal; {@code ./fedllm} finds out. */
final class Terminal {

  private Terminal() {}

  static boolean isThere() {
    return Boolean.getBoolean("fedllm.terminal");
  }
}
