package fedllm.learning.generate;

import java.util.Arrays;
import java.util.function.Function;

/**
 * Makes text of tokens as they come. What a token means depends on those beside it (a blank before
 * a word, a character of several bytes), so a window of them is decoded, and only what is new of it
 * is text. Used by one thread.
 */
public final class Detokenizer {

  /** Tokens before the window that tell how it begins. */
  private static final int BEFORE = 6;

  /** What a decoder writes for bytes that are no character yet. */
  private static final char UNFINISHED = '\uFFFD';

  private final Function<int[], String> decoder;
  private int[] window;
  private int size;
  private int told;
  private int toldLength;

  /**
   * A text that goes on behind others.
   *
   * @param decoder makes text of ids
   * @param before the tokens before the text; they are not told
   */
  public Detokenizer(Function<int[], String> decoder, int[] before) {
    this.decoder = decoder;
    this.window = Arrays.copyOfRange(before, Math.max(0, before.length - BEFORE), before.length);
    this.size = window.length;
    this.told = size;
    this.toldLength = decode(0).length();
    this.window = Arrays.copyOf(window, 64);
  }

  /** The text that a token makes sure; often none while a character is unfinished. */
  public String add(int token) {
    if (size == window.length) {
      window = Arrays.copyOf(window, 2 * size);
    }
    window[size++] = token;
    String text = decode(0);
    if (text.length() <= toldLength || text.charAt(text.length() - 1) == UNFINISHED) {
      return "";
    }
    return tell(text);
  }

  /** What was held back when nothing comes any more. */
  public String rest() {
    String text = decode(0);
    return text.length() <= toldLength ? "" : tell(text);
  }

  private String tell(String text) {
    String piece = text.substring(toldLength);
    // The next window begins with what is told now.
    System.arraycopy(window, told, window, 0, size - told);
    size -= told;
    told = size;
    toldLength = decode(0).length();
    return piece;
  }

  private String decode(int from) {
    return decoder.apply(Arrays.copyOfRange(window, from, size));
  }
}
