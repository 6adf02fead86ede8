package fedllm.runtime.data;

import java.util.Arrays;

/**
 * Texts by 8 bytes of their hashes. Of 100 million texts asked for among 10 million, one is found
 * by chance once in 18,000 such data sets; it is then not learned from, which nobody would notice.
 */
final class TextSet {

  private final long[] sorted;

  private TextSet(long[] sorted) {
    this.sorted = sorted;
  }

  /** Gathers texts. */
  static final class Builder {

    private long[] hashes = new long[1024];
    private int count;

    void add(TextHash hash) {
      if (count == hashes.length) {
        hashes = Arrays.copyOf(hashes, Math.multiplyExact(count, 2));
      }
      hashes[count++] = hash.low();
    }

    TextSet build() {
      long[] sorted = Arrays.copyOf(hashes, count);
      Arrays.sort(sorted);
      return new TextSet(sorted);
    }
  }

  boolean has(TextHash hash) {
    return Arrays.binarySearch(sorted, hash.low()) >= 0;
  }
}
