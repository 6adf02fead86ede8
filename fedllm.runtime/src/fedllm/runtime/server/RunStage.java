package fedllm.runtime.server;

import fedllm.api.run.RunState;
import fedllm.runtime.plugin.MissingPlugin;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where one run stands on the server: what is open, what waits, what is wanted. One thread. */
final class RunStage {

  private static final Logger LOG = LoggerFactory.getLogger(RunStage.class);

  final String id;
  final House house;
  final Ledger ledger;
  final Rounds rounds;
  final Opening opening;
  final Door door;
  final Agenda agenda = new Agenda();

  /** The order that is open; null between two. */
  Asking asking;

  /** Between two rounds, who goes on with what was asked before; null for nobody. */
  Asking late;

  /** Whether the last state is being measured. */
  boolean finale;

  /** Whether there is a global state. */
  boolean started;

  boolean pauseWanted;

  /** Who was there before this server led, and has a while to come back. */
  Reunion reunion;

  /** What goes on when the reason to wait is gone; null while nothing waits. */
  Runnable waiting;

  RunStage(String id, House house, Ledger ledger, Rounds rounds) {
    this.id = id;
    this.house = house;
    this.ledger = ledger;
    this.rounds = rounds;
    this.opening = new Opening(rounds.states());
    Path folder = house.state().resolve("runs").resolve(id);
    this.door = new Door(rounds, ledger, house.quarantine(), folder, house.memoryBytes());
  }

  /** Where the answer of a client may still count; null where it does not. */
  Asking awaiting(String client) {
    if (asking != null && asking.awaits(client)) {
      return asking;
    }
    // Without a crew there is nobody who could look at an update.
    return late != null && late.awaits(client) && rounds.crew() != null ? late : null;
  }

  /** In words. */
  static String waitsFor(MissingPlugin e) {
    return "waits for %s %s%s; put its bundle into the plugins folder"
        .formatted(e.kind(), e.name(), e.version() == null ? "" : " " + e.version());
  }

  /** The run pauses by name, at this boundary. */
  void hold(Runnable again, String why) {
    if (!why.equals(ledger.says())) {
      LOG.warn("run {} {}", id, why);
    }
    waiting = again;
    rounds.say(RunState.PAUSED, why, null);
  }

  /** The run goes on, should it have been held. */
  void goesOn() {
    if (ledger.state() == RunState.PAUSED) {
      rounds.say(RunState.RUNNING, "", null);
    } else {
      ledger.state(ledger.state(), "");
    }
  }

  /** The last state becomes the result. */
  void complete() {
    rounds.export();
    end(RunState.COMPLETED, "");
  }

  void end(RunState state, String why) {
    if (ledger.state().ended()) {
      return;
    }
    asking = null;
    late = null;
    waiting = null;
    rounds.say(state, why, ledger.result());
    abandon();
    LOG.info("run {} {} {}", id, state, why);
  }

  /** Lets go of everything, and says nothing. */
  void abandon() {
    opening.close();
    door.close();
    rounds.release();
  }
}
