package fedllm.runtime.server;

/** What others say, made fit for a record, a log and a terminal. */
final class Words {

  private static final int MOST = 500;

  private Words() {}

  /** One line of at most 500 characters. */
  static String fit(String said) {
    String line = said.replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= MOST ? line : line.substring(0, MOST) + "...";
  }
}
