package fedllm.data.cut;

import fedllm.api.random.Philox;

/**
 * Deals things out like cards: of every {@code parts} in a row each part gets one, in an order of
 * its own, so that no part ever has two more than another. Used by one thread.
 */
public final class Dealing {

  private final Philox random;
  private final int[] order;
  private long round = -1;

  /** To so many parts. */
  public Dealing(int parts, Philox random) {
    this.random = random;
    order = new int[parts];
  }

  /** Who gets the thing of a number, 0 for the first. */
  public int part(long number) {
    if (number / order.length != round) {
      round = number / order.length;
      shuffle(round * order.length);
    }
    return order[(int) (number % order.length)];
  }

  /** Fisher and Yates, with the numbers from a position on. */
  private void shuffle(long position) {
    for (int i = 0; i < order.length; i++) {
      int j = random.below(position + i, i + 1);
      order[i] = order[j];
      order[j] = i;
    }
  }
}
