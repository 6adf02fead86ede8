package fedllm.learning.text;

import java.util.BitSet;

/**
 * One text as token ids.
 *
 * @param ids what is fed
 * @param labels what is foretold: at each place, {@link Batch#NONE} where nothing is; or one class
 *     for the whole
 * @param types what kind each token is, such as 0 for a first and 1 for a second sentence; empty
 *     where all are 0
 */
public record Row(int[] ids, int[] labels, int[] types) {

  /** A text of one kind. */
  public Row(int[] ids, int[] labels) {
    this(ids, labels, new int[0]);
  }

  /**
   * A text where each token is foretold from those before it.
   *
   * @param ids one more than are fed
   * @param first the first of them that counts as foretold, at least 1
   */
  public static Row next(int[] ids, int first) {
    return next(ids, first, new BitSet());
  }

  /**
   * A text where each token is foretold from those before it.
   *
   * @param silent those after the first that do not count, such as what a user says between two
   *     answers
   */
  public static Row next(int[] ids, int first, BitSet silent) {
    int[] fed = new int[Math.max(0, ids.length - 1)];
    int[] labels = new int[fed.length];
    for (int i = 0; i < fed.length; i++) {
      fed[i] = ids[i];
      labels[i] = i + 1 >= first && !silent.get(i + 1) ? ids[i + 1] : (int) Batch.NONE;
    }
    return new Row(fed, labels);
  }

  /** How many tokens are fed. */
  public int length() {
    return ids.length;
  }

  /** How many labels there are. */
  public int targets() {
    int targets = 0;
    for (int label : labels) {
      targets += label == Batch.NONE ? 0 : 1;
    }
    return targets;
  }
}
