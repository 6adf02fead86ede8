package fedllm.privacy.secagg;

import java.util.List;

/**
 * What one round of a run is for; four of them make one aggregation. Rounds count from 1, and so do
 * aggregations.
 */
enum Phase {
  /** Silos learn, and say the public keys that they drew. */
  ADVERTISE,
  /** Silos share their secrets among all that advertised, sealed for each. */
  SHARE,
  /** Silos send what they learned, masked against all that shared. */
  MASK,
  /** Silos give the shares by which the masks that are left can be taken away. */
  UNMASK;

  private static final List<Phase> ORDER = List.of(values());
  private static final int COUNT = ORDER.size();

  static Phase of(int round) {
    return ORDER.get(Math.floorMod(round - 1, COUNT));
  }

  /** The phase that comes after so many closed rounds. */
  static Phase after(int closedRounds) {
    return of(closedRounds + 1);
  }

  /** The aggregation that a round belongs to. */
  static int aggregation(int round) {
    return (round - 1) / COUNT + 1;
  }

  /** The round of an aggregation that is this phase's. */
  int round(int aggregation) {
    return rounds(aggregation - 1) + ORDER.indexOf(this) + 1;
  }

  /** How many rounds so many aggregations take. */
  static int rounds(int aggregations) {
    return Math.multiplyExact(COUNT, aggregations);
  }
}
