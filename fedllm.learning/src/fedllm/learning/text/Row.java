package fedllm.learning.text;

import java.util.BitSet;

/**
 * One example as token ids.
 *
 * @param ids one more than are fed: each is foretold from those before it
 * @param first the first of them that counts as foretold, at least 1
 * @param silent those after it that do not count, such as what a user says between two answers
 */
public record Row(int[] ids, int first, BitSet silent) {

  /** All count from the first on. */
  public Row(int[] ids, int first) {
    this(ids, first, new BitSet());
  }

  /** How many tokens are fed. */
  public int length() {
    return ids.length - 1;
  }

  /** Whether the token at a place counts as foretold. */
  public boolean counts(int place) {
    return place >= first && !silent.get(place);
  }

  /** Whether anything is foretold. */
  public boolean teaches() {
    return silent.nextClearBit(first) < ids.length;
  }
}
