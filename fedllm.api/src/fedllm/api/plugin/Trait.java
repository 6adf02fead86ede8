package fedllm.api.plugin;

/** Properties of a method that decide what it composes with. */
public enum Trait {
  /** The code of a sum is the sum of the codes. */
  LINEAR,
  /** The expectation of what is decoded is what was encoded. */
  UNBIASED,
  /** What is decoded equals what was encoded, bit for bit. */
  LOSSLESS,
  /** Its worker remembers something from round to round and implements {@link Stateful}. */
  STATEFUL,
  /** Its result depends on which clients take part only through their weighted sum. */
  SUMS,

  /**
   * Works on the values that clients hold, not on how far they moved: a strategy that asks for
   * them, and an optimizer that makes them the next state.
   */
  ABSOLUTE
}
