package fedllm.strategies.buffer;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Task;
import fedllm.api.protocol.Conductor;
import fedllm.api.protocol.Course;
import fedllm.api.protocol.Event;
import java.util.HashSet;
import java.util.Set;

/**
 * Closes a round as soon as so many updates are there, of whatever age, and opens the next; or with
 * fewer, where nobody else is heard of who could send one. A round without any is repeated.
 */
public final class Buffer implements Course {

  private final int rounds;
  private final int size;
  private final int maxStaleness;

  /** Those whose update may still come. */
  private final Set<String> awaited = new HashSet<>();

  private final Set<String> lost = new HashSet<>();
  private int arrived;
  private int round;
  private boolean open;

  /**
   * Of a run that makes so many states.
   *
   * @param size how many updates a state is made of
   * @param maxStaleness how many rounds late an update may count
   */
  public Buffer(int rounds, int size, int maxStaleness) {
    this.rounds = rounds;
    this.size = size;
    this.maxStaleness = maxStaleness;
  }

  @Override
  public int maxStaleness() {
    return maxStaleness;
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
      if (awaited.remove(update.member().client())) {
        arrived++;
        decide(conductor);
      }
    } else if (event instanceof Event.Absent out && isOpen(out.round())) {
      awaited.remove(out.client());
      decide(conductor);
    } else if (event instanceof Event.Lost gone && isOpen(gone.round())) {
      lost.add(gone.client());
      decide(conductor);
    } else if (event instanceof Event.Back back && isOpen(back.round())) {
      lost.remove(back.client());
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
    arrived = 0;
    lost.clear();
    awaited.clear();
    awaited.addAll(opened.late());
    opened.assignments().stream()
        .filter(assignment -> assignment.tasks().contains(Task.TRAIN))
        .map(Assignment::client)
        .forEach(awaited::add);
  }

  private void decide(Conductor conductor) {
    if (arrived >= size || arrived > 0 && lost.containsAll(awaited)) {
      open = false;
      conductor.close(round);
    } else if (awaited.isEmpty()) {
      open = false;
      conductor.repeat(round, "no client that was asked to train can send an update");
    }
  }
}
