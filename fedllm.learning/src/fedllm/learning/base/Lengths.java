package fedllm.learning.base;

import ai.djl.ndarray.NDList;
import fedllm.learning.model.Architecture;
import java.util.Arrays;

/** Tells when a cache was made by a model that read otherwise, as the text was shorter. */
final class Lengths {

  private Lengths() {}

  /**
   * Refuses a batch that goes on from a cache where the model {@linkplain Architecture#rereads must
   * read} one of its texts anew.
   *
   * @param batch the list argument {@code b}
   */
  static void check(Architecture model, NDList batch) {
    if (!model.rereads(1, Integer.MAX_VALUE)) {
      return;
    }
    int first = (int) batch.get(3).getLong();
    int rows = (int) batch.get(0).getShape().get(0);
    int to = first + (int) batch.get(0).getShape().get(1);
    long[] segments = batch.get(1).toLongArray();
    for (int row = 0; row < rows; row++) {
      int read = text(segments, row, rows, first);
      int grown = text(segments, row, rows, to);
      if (read > 0 && model.rereads(read, grown)) {
        throw new IllegalArgumentException(
            "a text of " + grown + " tokens cannot go on from a cache of " + read);
      }
    }
  }

  /** How many tokens of a row before a place are no padding. */
  private static int text(long[] segments, int row, int rows, int to) {
    if (segments.length == 0) {
      return to;
    }
    int start = row * (segments.length / rows);
    return (int) Arrays.stream(segments, start, start + to).filter(at -> at > 0).count();
  }
}
