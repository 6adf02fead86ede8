package fedllm.learning.generate;

/** Hears a text while it is written; called by the thread that writes. */
@FunctionalInterface
public interface Listener {

  /** Hears nothing. */
  Listener NONE = (prompt, piece) -> true;

  /**
   * A token came, and made a piece of a text sure; it is empty while characters are unfinished or
   * may turn out to be a stop.
   *
   * @param prompt which of the prompts, 0 for the first
   * @return whether to go on with this text
   */
  boolean onText(int prompt, String piece);
}
