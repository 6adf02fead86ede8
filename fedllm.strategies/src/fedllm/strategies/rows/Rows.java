package fedllm.strategies.rows;

import fedllm.api.strategy.Part;

/** The members' values of one unit, a row for each member. */
public final class Rows {

  private Rows() {}

  /** The parts' own buffers, in client order; valid as long as the parts. */
  public static float[][] of(Iterable<Part> parts, int members) {
    float[][] rows = new float[members][];
    int next = 0;
    for (Part part : parts) {
      rows[next++] = part.values();
    }
    return rows;
  }
}
