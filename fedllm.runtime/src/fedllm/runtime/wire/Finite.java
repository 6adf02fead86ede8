package fedllm.runtime.wire;

/** Whether values are numbers, all of them. */
final class Finite {

  private Finite() {}

  /**
   * Zero times a number is zero, times anything else it is not; eight sums keep the pipeline full.
   */
  static boolean all(float[] values, int from, int count) {
    float[] sums = new float[8];
    int end = from + count;
    int i = from;
    for (; i + 7 < end; i += 8) {
      sums[0] += 0 * values[i];
      sums[1] += 0 * values[i + 1];
      sums[2] += 0 * values[i + 2];
      sums[3] += 0 * values[i + 3];
      sums[4] += 0 * values[i + 4];
      sums[5] += 0 * values[i + 5];
      sums[6] += 0 * values[i + 6];
      sums[7] += 0 * values[i + 7];
    }
    for (; i < end; i++) {
      sums[0] += 0 * values[i];
    }
    return sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7] == 0;
  }
}
