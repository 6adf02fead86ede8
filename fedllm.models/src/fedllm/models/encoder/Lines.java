package fedllm.models.encoder;

/** Lines of TorchScript that encoders write. */
final class Lines {

  private Lines() {}

  static void add(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }
}
