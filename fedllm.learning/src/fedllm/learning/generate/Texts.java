package fedllm.learning.generate;

import fedllm.learning.model.Architecture;
import java.util.Arrays;
import java.util.List;

/** Texts side by side, set flush right: each grows by a token at the same time. */
final class Texts {

  private final int rows;
  private final int capacity;
  private final long[] ids;
  private final long[] segments;
  private final int[] padding;
  private int length;

  /**
   * Prompts with what an adapter puts before them.
   *
   * @param places how many places an adapter puts there
   * @param length of the longest, with its places
   * @param capacity how long they may become
   */
  Texts(List<int[]> prompts, int places, int length, int capacity) {
    this.rows = prompts.size();
    this.capacity = capacity;
    this.length = length;
    this.ids = new long[rows * capacity];
    this.padding = new int[rows];
    long[] texts = new long[rows * capacity];
    Arrays.fill(texts, 1);
    boolean padded = false;
    for (int row = 0; row < rows; row++) {
      int[] prompt = prompts.get(row);
      padding[row] = length - prompt.length - places;
      int at = row * capacity + padding[row];
      Arrays.fill(texts, row * capacity, at, 0);
      padded |= at > row * capacity;
      for (int i = 0; i < places; i++) {
        ids[at++] = -1L - i;
      }
      for (int id : prompt) {
        ids[at++] = id;
      }
    }
    this.segments = padded ? texts : null;
  }

  /** Which tokens are text and which are padding; null where all are text. */
  long[] segments() {
    return segments;
  }

  int length() {
    return length;
  }

  /**
   * Where reading goes on that has come to a place: there, or at the first token where the model
   * must read a text anew.
   */
  int first(Architecture model, int place) {
    for (int row = 0; row < rows; row++) {
      int before = padding[row];
      if (place > before && model.rereads(place - before, length - before)) {
        return 0;
      }
    }
    return place;
  }

  /** The tokens from a place on, row by row. */
  long[] from(int place) {
    long[] part = new long[rows * (length - place)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(ids, row * capacity + place, part, row * (length - place), length - place);
    }
    return part;
  }

  /** The next token of each. */
  void add(long[] next) {
    for (int row = 0; row < rows; row++) {
      ids[row * capacity + length] = next[row];
    }
    length++;
  }

  /** The tokens of a row before a place. */
  long[] row(int row, int to) {
    return Arrays.copyOfRange(ids, row * capacity, row * capacity + to);
  }
}
