package fedllm.chaos;

import java.util.Locale;

/** Where in a round a part is killed, by what the log holds. */
public enum Phase {
  /** The order is in the log, and nobody has begun to answer. */
  ORDERED,
  /** The same, half the usual time to the first answer later. */
  TRAINING,
  /** A chunk of somebody's update is there, and no update is whole. */
  UPLOAD,
  /** All updates but one are whole. */
  CLOSING,
  /** The round is closed, and its state is not recorded. */
  AGGREGATING,
  /** The state is recorded, and the next round is not ordered. */
  COMMITTING;

  /** Whether a round is in this phase now. */
  boolean holds(RoundLog round, long nowNs, long untilAnsweredNs) {
    boolean silent = round.begun().isEmpty() && !round.closed();
    return switch (this) {
      case ORDERED -> silent;
      case TRAINING -> silent && nowNs - round.orderedNs() > untilAnsweredNs / 2;
      case UPLOAD -> round.uploading() != null && round.whole().isEmpty() && !round.closed();
      case CLOSING -> round.whole().size() == round.asked().size() - 1 && !round.closed();
      case AGGREGATING -> round.closed() && !round.recorded();
      case COMMITTING -> round.recorded();
    };
  }

  /** Whether the round that it is part of is still to be closed. */
  boolean beforeTheClose() {
    return compareTo(AGGREGATING) < 0;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
