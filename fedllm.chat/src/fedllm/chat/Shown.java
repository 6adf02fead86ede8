package fedllm.chat;

import java.io.IOException;
import java.io.UncheckedIOException;

/** An answer as it is shown. Used by one thread. */
final class Shown {

  private final Appendable out;
  private boolean begun;

  /**
   * Nothing is shown yet.
   *
   * @param whole whether blanks before the first word are shown
   */
  Shown(Appendable out, boolean whole) {
    this.out = out;
    this.begun = whole;
  }

  void add(String piece) {
    String text = begun ? piece : piece.stripLeading();
    if (!text.isEmpty()) {
      begun = true;
      try {
        out.append(text);
      } catch (IOException e) {
        throw new UncheckedIOException("the answer cannot be shown", e);
      }
    }
  }
}
