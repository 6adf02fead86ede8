package fedllm.strategies.synchronous;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Task;
import fedllm.api.protocol.Conductor;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.Event;
import java.util.HashSet;
import java.util.Set;

/**
 * Opens rounds up to the last; repeats one whose quorum can no longer come, three times at most.
 */
final class RoundByRound implements Course {

  private final int rounds;
  private final Quorum quorum;
  private final Set<String> trainers = new HashSet<>();
  private final Set<String> arrived = new HashSet<>();
  private final Set<String> absent = new HashSet<>();
  private int round;
  private boolean open;

  RoundByRound(int rounds, Quorum quorum) {
    this.rounds = rounds;
    this.quorum = quorum;
  }

  @Override
  public void on(Event event, Conductor conductor) {
    if (event instanceof Event.Started started) {
      next(started.closedRounds() + 1, conductor);
    } else if (event instanceof Event.Closed closed) {
      next(closed.round() + 1, conductor);
    } else if (event instanceof Event.Opened opened) {
      begin(opened);
      decide(conductor);
    } else if (event instanceof Event.Arrived update && isOpen(update.round())) {
      if (trainers.contains(update.member().client())) {
        arrived.add(update.member().client());
      }
      decide(conductor);
    } else if (event instanceof Event.Absent out && isOpen(out.round())) {
      absent.add(out.client());
      decide(conductor);
    }
  }

  private boolean isOpen(int which) {
    return open && which == round;
  }

  private void next(int number, Conductor conductor) {
    open = false;
    if (number > rounds) {
      conductor.finish();
    } else {
      conductor.open(number);
    }
  }

  private void begin(Event.Opened opened) {
    round = opened.round();
    open = true;
    trainers.clear();
    arrived.clear();
    absent.clear();
    for (Assignment assignment : opened.assignments()) {
      if (assignment.tasks().contains(Task.TRAIN)) {
        trainers.add(assignment.client());
      }
    }
  }

  private void decide(Conductor conductor) {
    int came = arrived.size();
    int possible = (int) trainers.stream().filter(this::cameOrCan).count();
    int needed = quorum.needed(trainers.size(), possible);
    if (came >= needed) {
      open = false;
      conductor.close(round);
    } else if (possible < needed) {
      open = false;
      conductor.repeat(round, reason(needed, possible));
    }
  }

  private String reason(int needed, int possible) {
    return needed
        + (needed == 1 ? " update is" : " updates are")
        + " needed, but only "
        + possible
        + " of the "
        + trainers.size()
        + " clients asked to train can send one";
  }

  private boolean cameOrCan(String client) {
    return arrived.contains(client) || !absent.contains(client);
  }
}
