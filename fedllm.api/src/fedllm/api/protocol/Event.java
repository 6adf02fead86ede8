package fedllm.api.protocol;

import fedllm.api.planner.Assignment;
import fedllm.api.strategy.Member;
import java.util.List;
import java.util.Set;

/** What a course can learn of its run. */
public interface Event {

  /** The run starts, or goes on after a crash, with this many rounds closed. */
  record Started(int closedRounds) implements Event {}

  /**
   * A round is open, and these clients were asked.
   *
   * @param late who still works on what an earlier round asked, as {@link Course#maxStaleness} lets
   *     them
   */
  record Opened(int round, List<Assignment> assignments, Set<String> late) implements Event {
    public Opened {
      assignments = List.copyOf(assignments);
      late = Set.copyOf(late);
    }

    /** Where nobody is late. */
    public Opened(int round, List<Assignment> assignments) {
      this(round, assignments, Set.of());
    }
  }

  /**
   * A client's update arrived whole and passed its checks, and counts in this round should it close
   * now.
   *
   * @param seconds since the round was opened, by this server's clock
   */
  record Arrived(int round, Member member, double seconds) implements Event {}

  /** A client sent what it measured of the state that a round began with. */
  record Reported(int round, String client) implements Event {}

  /** A client sits out a round for good: it said so, it left, or it sent what failed its checks. */
  record Absent(int round, String client, String reason) implements Event {}

  /** Nothing is heard of a client any more; its update may come all the same, should it be back. */
  record Lost(int round, String client) implements Event {}

  /** A client that was lost is heard of again. */
  record Back(int round, String client) implements Event {}

  /**
   * The time that {@link Conductor#remind} was asked for has passed, and the round is still open.
   */
  record Reminded(int round) implements Event {}

  /** A round was folded and its global state recorded. */
  record Closed(int round) implements Event {}
}
