package fedllm.learning.text;

/**
 * One example as token ids.
 *
 * @param ids one more than are fed: each is foretold from those before it
 * @param first the first of them that counts as foretold, at least 1
 */
public record Row(int[] ids, int first) {

  /** How many tokens are fed. */
  public int length() {
    return ids.length - 1;
  }

  /** Whether anything is foretold. */
  public boolean teaches() {
    return first < ids.length;
  }
}
