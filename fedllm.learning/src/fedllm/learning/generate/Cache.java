package fedllm.learning.generate;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.learning.base.LanguageModel;

/** Keys and values of the texts read so far. */
final class Cache implements AutoCloseable {

  private final NDManager manager;
  private final NDList arrays;
  private final int rows;
  private final int capacity;
  private long[] held = {};

  /** Room for texts of a length; made with some to spare, so that a talk can go on in it. */
  Cache(LanguageModel model, NDManager owner, int rows, int length) {
    this.manager = owner.newSubManager();
    this.rows = rows;
    this.capacity = Math.max(64, Integer.highestOneBit(length - 1) << 1);
    this.arrays = model.cache(manager, rows, capacity);
  }

  boolean fits(int otherRows, int length) {
    return rows == otherRows && length <= capacity;
  }

  NDList arrays() {
    return arrays;
  }

  /** A single text is held, for {@link #common}. */
  void hold(long[] text) {
    held = text;
  }

  /** How much of the beginning of a single text is held; its last token is always read. */
  int common(long[] text) {
    int common = 0;
    while (common < held.length && common < text.length - 1 && held[common] == text[common]) {
      common++;
    }
    return common;
  }

  @Override
  public void close() {
    manager.close();
  }
}
