package fedllm.api.protocol;

import fedllm.api.planner.Assignment;
import fedllm.api.strategy.Member;
import java.util.List;

/** What a course can learn of its run. */
public interface Event {

  /** The run starts, or goes on after a crash, with this many rounds closed. */
  record Started(int closedRounds) implements Event {}

  /** A round is open, and these clients were asked. */
  record Opened(int round, List<Assignment> assignments) implements Event {
    public Opened {
      assignments = List.copyOf(assignments);
    }
  }

  /** A client's update of a round arrived whole and passed its checks. */
  record Arrived(int round, Member member) implements Event {}

  /** A client sent what it measured of the state that a round began with. */
  record Reported(int round, String client) implements Event {}

  /** A client sits out a round: it said so, is lost, or sent what failed its checks. */
  record Absent(int round, String client, String reason) implements Event {}

  /** A round was folded and its global state recorded. */
  record Closed(int round) implements Event {}
}
