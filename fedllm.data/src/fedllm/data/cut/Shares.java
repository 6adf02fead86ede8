package fedllm.data.cut;

/** Parts of unequal size, drawn by a number in [0, 1). Immutable. */
public final class Shares {

  private final double[] ends;

  /** In proportion to weights of at least 0, not all 0. */
  public Shares(double[] weights) {
    ends = new double[weights.length];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      ends[i] = sum;
    }
    if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("the weights sum to " + sum);
    }
  }

  /** The part in which a number lies; never one of weight 0. */
  public int part(double number) {
    double place = number * ends[ends.length - 1];
    int low = 0;
    int high = ends.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (place < ends[middle]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
