package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.error.Pauses;
import fedllm.api.error.Repeats;
import fedllm.api.error.SitsOut;
import fedllm.api.error.Unreachable;
import fedllm.api.planner.Assignment;
import fedllm.api.planner.Task;
import fedllm.api.protocol.Conductor;
import fedllm.api.protocol.Event;
import fedllm.api.run.RunState;
import fedllm.runtime.plugin.MissingPlugin;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a run's course says, at the boundary of a round only. One thread. */
final class RoundSteps implements Conductor {

  private static final Logger LOG = LoggerFactory.getLogger(RoundSteps.class);
  private static final int MAX_REPEATS = 3;

  private final RunStage stage;
  private int repeats;

  RoundSteps(RunStage stage) {
    this.stage = stage;
  }

  @Override
  public void open(int round) {
    stage.agenda.act(() -> openNow(round));
  }

  @Override
  public void close(int round) {
    stage.agenda.act(() -> closeNow(round));
  }

  @Override
  public void repeat(int round, String reason) {
    stage.agenda.act(
        () -> {
          if (++repeats > MAX_REPEATS) {
            throw new Ends(
                "round %d failed %d times: %s; %s"
                    .formatted(round, repeats, reason, stage.asking.absences()));
          }
          LOG.warn("run {} repeats round {}: {}", stage.id, round, reason);
          stage.asking.goOn(stage.asking.mayGoOn(stage.rounds.crew().course().maxStaleness()));
          stage.late = stage.asking.late();
          stage.asking = null;
          openNow(round);
        });
  }

  @Override
  public void finish() {
    stage.agenda.act(this::finishNow);
  }

  @Override
  public void remind(int round, long afterMs) {
    stage.agenda.remind(round, afterMs);
  }

  private void openNow(int round) {
    if (stage.rounds.orders().standing() != null) {
      takeUp(round);
      return;
    }
    if (stage.pauseWanted) {
      stage.waiting = () -> openNow(round);
      stage.rounds.say(RunState.PAUSED, "paused before round " + round, null);
      return;
    }
    try {
      if (stage.rounds.refresh()) { // another course does not know where the run is
        stage.agenda.tell(new Event.Started(stage.ledger.closed()));
        return;
      }
      if (!stage.rounds.unheard().isEmpty() || stage.reunion.waits(stage.house.silos().present())) {
        awaitSilos(round);
        return;
      }
      List<Assignment> plan = stage.rounds.plan(round, stage.late);
      if (stage.late == null && plan.stream().noneMatch(a -> a.tasks().contains(Task.TRAIN))) {
        stage.hold(() -> openNow(round), "waits for silos; " + stage.rounds.whoIsMissing());
        return;
      }
      stage.asking = stage.rounds.ask(round, plan, stage.late);
      stage.late = null;
      opened(round, plan);
    } catch (MissingPlugin e) {
      stage.hold(() -> openNow(round), RunStage.waitsFor(e));
    } catch (Unreachable e) {
      stage.hold(() -> openNow(round), "waits for the broker: " + e.getMessage());
    }
  }

  private void awaitSilos(int round) {
    Set<String> missing =
        stage.rounds.unheard().isEmpty() ? stage.reunion.missing() : stage.rounds.unheard();
    stage.ledger.state(stage.ledger.state(), "waits for " + missing + " to come back");
    stage.waiting = () -> openNow(round);
  }

  /** The log holds the order already: silos may have answered it while no server led. */
  private void takeUp(int round) {
    stage.asking = stage.rounds.orders().takeUp();
    stage.late = stage.asking.late();
    opened(
        round,
        stage.asking.asked().entrySet().stream()
            .filter(e -> e.getValue().still() == null)
            .map(e -> new Assignment(e.getKey(), e.getValue().tasks(), e.getValue().settings()))
            .toList());
  }

  private void opened(int round, List<Assignment> plan) {
    stage.goesOn();
    stage.agenda.tell(new Event.Opened(round, plan, stage.asking.lateOnes()));
    for (Upload early : stage.asking.members()) { // while no round was open
      stage.agenda.tell(new Event.Arrived(round, early.member(), 0));
    }
    new TreeSet<>(stage.asking.asked().keySet())
        .stream()
            .filter(client -> !stage.house.silos().present().contains(client))
            .filter(stage.house.silos().known()::contains)
            .filter(client -> stage.asking.lose(client, stage.house.silos().whyAway(client)))
            .forEach(client -> stage.agenda.tell(new Event.Lost(round, client)));
  }

  void closeNow(int round) {
    Asking closing = stage.asking;
    stage.asking = null;
    fold(round, closing);
  }

  private void fold(int round, Asking closing) {
    try {
      stage.rounds.close(closing);
      stage.late = closing.late();
    } catch (SitsOut | Ends e) {
      throw e;
    } catch (Repeats e) {
      stage.asking = closing; // names those who are absent, should this have been the last time
      repeat(round, e.getMessage());
      return;
    } catch (Unreachable | Pauses e) {
      stage.late = closing.late();
      stage.rounds.rollBack();
      stage.hold(
          () -> fold(round, closing), "waits to fold round " + round + ": " + e.getMessage());
      return;
    } catch (RuntimeException | LinkageError e) {
      LOG.error("round {} of run {} cannot be folded", round, stage.id, e);
      stage.late = closing.late();
      stage.rounds.rollBack();
      awaitOthers(
          round,
          "strategy or optimizer failed in round "
              + round
              + ": "
              + e
              + "; replace the bundle, or cancel the run");
      return;
    }
    repeats = 0;
    stage.goesOn();
    stage.agenda.tell(new Event.Closed(round));
  }

  /** What failed would fail again: the round is opened anew once there is another version. */
  private void awaitOthers(int round, String why) {
    stage.hold(
        () -> {
          if (stage.rounds.hasOthers()) {
            openNow(round);
          } else {
            awaitOthers(round, why);
          }
        },
        why);
  }

  private void finishNow() {
    stage.late = null;
    List<Assignment> plan = stage.rounds.last();
    if (plan.isEmpty()) {
      stage.complete();
      return;
    }
    try {
      stage.asking = stage.rounds.ask(stage.ledger.closed() + 1, plan, null);
      stage.finale = true;
    } catch (Unreachable e) {
      stage.hold(this::finishNow, "waits for the broker: " + e.getMessage());
    }
  }

  void askForInitialState() {
    stage.rounds.refresh();
    String client = stage.opening.next(stage.rounds.able());
    if (client == null) {
      stage.hold(this::askForInitialState, "waits for silos; " + stage.rounds.whoIsMissing());
      return;
    }
    stage.goesOn();
    try {
      stage.asking =
          stage.rounds.ask(
              0, List.of(new Assignment(client, EnumSet.of(Task.INITIALISE), Map.of())), null);
    } catch (Unreachable e) {
      stage.hold(this::askForInitialState, "waits for the broker: " + e.getMessage());
    }
  }
}
