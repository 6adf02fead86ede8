package fedllm.learning.generate;

import java.util.BitSet;

/**
 * Which tokens may come: those before a border in the order of logits, largest first, the smaller
 * token first among equals. Found by selection: nothing is sorted. Used by one thread.
 */
final class Kept {

  private float[] logits = {};
  private double[] weights = {};
  private int from;
  private int count;

  /** The tokens that may come are {@code order[0..kept)}, in no order. */
  private int[] order = {};

  private int kept;

  /** All of them may come; the arrays are read until the next call. */
  void all(float[] newLogits, double[] newWeights, int newFrom, int newCount) {
    logits = newLogits;
    weights = newWeights;
    from = newFrom;
    count = newCount;
    kept = newCount;
    if (order.length < count) {
      order = new int[count];
    }
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
  }

  /** Keeps as many of the likeliest. */
  void most(int most) {
    int low = 0;
    int high = kept;
    while (low < most && most < high) {
      int middle = partition(low, high);
      if (middle <= most) {
        low = middle;
      } else {
        high = middle;
      }
    }
    kept = Math.min(most, kept);
  }

  /** Keeps the fewest of the likeliest whose weights add up to a share of what is kept. */
  void share(double share) {
    double all = 0;
    for (int i = 0; i < kept; i++) {
      all += weights[order[i]];
    }
    double wanted = share * all;
    leaveOut((1 - share) * all / kept);
    int low = 0;
    int high = kept;
    double before = 0;
    while (high - low > 1) {
      int middle = partition(low, high);
      double part = 0;
      for (int i = low; i < middle; i++) {
        part += weights[order[i]];
      }
      if (before + part >= wanted) {
        high = middle;
      } else {
        before += part;
        low = middle;
      }
    }
    kept = high;
  }

  /** Together, lighter ones weigh less than what may be left out, so none of them is needed. */
  private void leaveOut(double lightest) {
    int heavy = 0;
    for (int i = 0; i < kept; i++) {
      if (weights[order[i]] >= lightest) {
        order[heavy++] = order[i];
      }
    }
    kept = heavy;
  }

  /**
   * Puts some of {@code order[low..high)} before the rest, likelier ones first; at least one is in
   * either part.
   *
   * @return where the rest begins
   */
  private int partition(int low, int high) {
    int pivot = median(order[low], order[(low + high) >>> 1], order[high - 1]);
    int left = low;
    int right = high - 1;
    while (true) {
      while (before(order[left], pivot)) {
        left++;
      }
      while (before(pivot, order[right])) {
        right--;
      }
      if (left >= right) {
        return left == low ? low + 1 : left;
      }
      int swapped = order[left];
      order[left++] = order[right];
      order[right--] = swapped;
    }
  }

  private int median(int a, int b, int c) {
    if (before(a, b)) {
      return before(b, c) ? b : before(a, c) ? c : a;
    }
    return before(a, c) ? a : before(b, c) ? c : b;
  }

  private boolean before(int a, int b) {
    float x = logits[from + a];
    float y = logits[from + b];
    return x > y || (x == y && a < b);
  }

  /**
   * The token at a place of the distribution, laid out by token number: no trace is left of how the
   * tokens were found.
   *
   * @param place in [0, 1)
   */
  int at(double place) {
    int border = last();
    boolean whole = kept == count;
    double all = 0;
    for (int i = 0; i < count; i++) {
      if (whole || !before(border, i)) {
        all += weights[i];
      }
    }
    double left = place * all;
    int token = border;
    for (int i = 0; i < count; i++) {
      if ((whole || !before(border, i)) && weights[i] > 0) {
        token = i;
        left -= weights[i];
        if (left < 0) {
          return token;
        }
      }
    }
    return token; // the sum was rounded up
  }

  private int last() {
    int last = order[0];
    for (int i = 1; i < kept; i++) {
      if (before(last, order[i])) {
        last = order[i];
      }
    }
    return last;
  }

  BitSet tokens() {
    BitSet tokens = new BitSet();
    for (int i = 0; i < kept; i++) {
      tokens.set(order[i]);
    }
    return tokens;
  }
}
