package fedllm.testkit;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Task;
import fedllm.api.protocol.Conductor;
import fedllm.api.protocol.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes down what a course asks for; every round asks the same clients to train and measure. */
public final class ScriptedConductor implements Conductor {

  private final List<Assignment> assignments = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private String lastReason = "";

  /** These clients are asked in each round. */
  public ScriptedConductor(String... clients) {
    for (String client : clients) {
      assignments.add(new Assignment(client, Set.of(Task.TRAIN, Task.EVALUATE), Map.of()));
    }
  }

  /** What was asked for since the last time, such as {@code open 1}. */
  public List<String> takeCalls() {
    List<String> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  /** What a course hears once a round is open. */
  public Event opened(int round) {
    return new Event.Opened(round, assignments);
  }

  /** The same where some still work on what an earlier round asked. */
  public Event opened(int round, String... late) {
    Set<String> goOn = Set.of(late);
    return new Event.Opened(
        round, assignments.stream().filter(a -> !goOn.contains(a.client())).toList(), goOn);
  }

  /** Why the last round that was given up could not close. */
  public String lastReason() {
    return lastReason;
  }

  @Override
  public void open(int round) {
    calls.add("open " + round);
  }

  @Override
  public void close(int round) {
    calls.add("close " + round);
  }

  @Override
  public void repeat(int round, String reason) {
    calls.add("repeat " + round);
    lastReason = reason;
  }

  @Override
  public void remind(int round, long afterMs) {
    calls.add("remind " + round + " " + afterMs);
  }

  @Override
  public void finish() {
    calls.add("finish");
  }
}
