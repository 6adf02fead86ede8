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
 * Once the quorum is there, the others have until a deadline that their arrivals taught.
 */
final class RoundByRound implements Course {

  private final int rounds;
  private final Quorum quorum;
  private final Arrivals arrivals = new Arrivals();
  private final Set<String> trainers = new HashSet<>();
  private final Set<String> arrived = new HashSet<>();
  private final Set<String> absent = new HashSet<>();
  private final Set<String> lost = new HashSet<>();
  private int round;
  private boolean open;
  private boolean reminded;

  RoundByRound(int rounds, Quorum quorum) {
    this.rounds = rounds;
    this.quorum = quorum;
  }

  @Override
  public boolean awaitsLost() {
    return quorum.kind() == Quorum.Kind.ALL;
  }

  @Override
  public void on(Event event, Conductor conductor) {
    if (event instanceof Event.Started started) {
      next(started.closedRounds() + 1, conductor);
    } else if (event instanceof Event.Closed closed) {
      next(closed.round() + 1, conductor);
    } else if (event instanceof Event.Opened opened) {
      begin(opened);
      decide(conductor, 0);
    } else if (event instanceof Event.Arrived update && isOpen(update.round())) {
      arrived(update, conductor);
    } else if (event instanceof Event.Absent out && isOpen(out.round())) {
      absent.add(out.client());
      decide(conductor, 0);
    } else if (event instanceof Event.Lost gone && isOpen(gone.round())) {
      lost.add(gone.client());
      decide(conductor, 0);
    } else if (event instanceof Event.Back back && isOpen(back.round())) {
      lost.remove(back.client());
    } else if (event instanceof Event.Reminded late && isOpen(late.round())) {
      close(conductor);
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
    reminded = false;
    trainers.clear();
    arrived.clear();
    absent.clear();
    lost.clear();
    for (Assignment assignment : opened.assignments()) {
      if (assignment.tasks().contains(Task.TRAIN)) {
        trainers.add(assignment.client());
      }
    }
  }

  private void arrived(Event.Arrived update, Conductor conductor) {
    String client = update.member().client();
    if (trainers.contains(client) && arrived.add(client)) {
      arrivals.add(client, update.seconds());
      decide(conductor, update.seconds());
    }
  }

  private void decide(Conductor conductor, double seconds) {
    Set<String> gone = missing(lost);
    gone.removeAll(absent);
    int sitOut = missing(absent).size();
    int needed = quorum.needed(trainers.size(), sitOut, gone.size());
    if (arrived.size() < needed) {
      if (trainers.size() - sitOut < needed) {
        open = false;
        conductor.repeat(round, reason(needed, trainers.size() - sitOut));
      }
      return;
    }
    Set<String> late = missing(trainers);
    late.removeAll(absent);
    late.removeAll(lost);
    if (late.isEmpty() || !quorum.leavesSome()) {
      close(conductor);
    } else if (!reminded) {
      reminded = true;
      conductor.remind(round, (long) (1000 * arrivals.patience(late, seconds)));
    }
  }

  private void close(Conductor conductor) {
    open = false;
    conductor.close(round);
  }

  /** Those of some trainers whose update has not come. */
  private Set<String> missing(Set<String> of) {
    Set<String> missing = new HashSet<>(of);
    missing.retainAll(trainers);
    missing.removeAll(arrived);
    return missing;
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
}
