package fedllm.runtime.server;

import fedllm.api.protocol.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What a run has still to do, and what its course has still to hear, in order. One thread. */
final class Agenda {

  private final Deque<Runnable> actions = new ArrayDeque<>();
  private final Deque<Event> events = new ArrayDeque<>();
  private int remindRound;
  private long remindNs;
  private boolean reminds;

  /** Something to do, before the course hears the next event. */
  void act(Runnable action) {
    actions.add(action);
  }

  /** Something for the course to hear. */
  void tell(Event event) {
    events.add(event);
  }

  /** Does and tells all there is, and what follows from it. */
  void work(Consumer<Event> course, BooleanSupplier ended) {
    while (!ended.getAsBoolean() && !(actions.isEmpty() && events.isEmpty())) {
      if (!actions.isEmpty()) {
        actions.remove().run();
      } else {
        course.accept(events.remove());
      }
    }
  }

  /** Tells the course of a round after a while, instead of what was set before. */
  void remind(int round, long afterMs) {
    remindRound = round;
    remindNs = System.nanoTime() + afterMs * 1_000_000;
    reminds = true;
  }

  /** The round whose time has come, once; -1 for none. */
  int due() {
    if (!reminds || System.nanoTime() < remindNs) {
      return -1;
    }
    reminds = false;
    return remindRound;
  }
}
