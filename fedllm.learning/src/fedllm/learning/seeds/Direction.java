package fedllm.learning.seeds;

/**
 * A random direction over all values of some tensors, one after the other: a function of the
 * position, so that any part of it can be had at any time. Safe for many threads.
 */
@FunctionalInterface
public interface Direction {

  /** Adds {@code scale} times its values from {@code position} on to {@code values[0..count)}. */
  void add(long position, float scale, float[] values, int count);
}
