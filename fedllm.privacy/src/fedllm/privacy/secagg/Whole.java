package fedllm.privacy.secagg;

import java.util.Arrays;

/**
 * Whole numbers in values that travel as floats, which hold them exactly below 2^24: bytes, three a
 * value, and elements of the ring Z_2^32, two values each, 16 bits in either.
 */
final class Whole {

  private static final int BYTES = 3;
  private static final int LIMIT = 1 << 24;

  private Whole() {}

  /** How many values so many bytes take. */
  static int values(int bytes) {
    return (bytes + BYTES - 1) / BYTES;
  }

  /** Writes bytes to {@code out[at..)}. */
  static void put(byte[] bytes, float[] out, int at) {
    for (int v = 0; v < values(bytes.length); v++) {
      int word = 0;
      for (int b = BYTES * v; b < Math.min(bytes.length, BYTES * v + BYTES); b++) {
        word |= (bytes[b] & 0xFF) << 8 * (b - BYTES * v);
      }
      out[at + v] = word;
    }
  }

  /**
   * Reads bytes back.
   *
   * @throws IllegalArgumentException where a value is not as {@link #put} leaves it
   */
  static byte[] bytes(float[] in, int at, int count) {
    byte[] bytes = new byte[BYTES * values(count)];
    for (int v = 0; v < values(count); v++) {
      int word = number(in[at + v], LIMIT);
      for (int b = 0; b < BYTES; b++) {
        bytes[BYTES * v + b] = (byte) (word >>> 8 * b);
      }
    }
    return Arrays.copyOf(bytes, count);
  }

  /**
   * A number in [0, limit).
   *
   * @throws IllegalArgumentException where the value is none
   */
  static int number(float value, int limit) {
    int number = (int) value;
    if (number != value || number < 0 || number >= limit) {
      throw new IllegalArgumentException(
          value + " is no whole number below " + limit + "; a codec may have changed it");
    }
    return number;
  }

  /** Writes ring elements: the low halves to {@code out[at..)}, and then the high ones. */
  static void putRing(int[] elements, float[] out, int at) {
    int n = elements.length;
    for (int i = 0; i < n; i++) {
      out[at + i] = elements[i] & 0xFFFF;
      out[at + n + i] = elements[i] >>> 16;
    }
  }

  /** Adds ring elements to others; whatever the values are, they stand for some element. */
  static void addRing(float[] in, int at, int[] sums) {
    int n = sums.length;
    for (int i = 0; i < n; i++) {
      sums[i] += ((int) in[at + i] & 0xFFFF) | (int) in[at + n + i] << 16;
    }
  }
}
