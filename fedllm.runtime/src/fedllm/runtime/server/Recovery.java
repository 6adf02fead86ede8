package fedllm.runtime.server;

import fedllm.format.Sha256;
import fedllm.runtime.message.Event;
import fedllm.runtime.plugin.States;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the last global state of a run, and what the server's plugins remember with it: in this
 * server's files, or else in the log, where the order of the round after it has put both. One
 * thread.
 */
final class Recovery {

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final History.Past past;
  private final Ledger ledger;
  private final GlobalStates states;
  private final States memories;
  private final Keeping keeping;

  Recovery(
      History.Past past, Ledger ledger, GlobalStates states, States memories, Keeping keeping) {
    this.past = past;
    this.ledger = ledger;
    this.states = states;
    this.memories = memories;
    this.keeping = keeping;
  }

  /**
   * Takes back the closed rounds whose state is nowhere: they are folded again, from the updates
   * that the log holds until the next round's order is there.
   */
  void findState() {
    while (ledger.closed() >= 0 && !(hasState(ledger.closed()) && hasMemory(ledger.closed()))) {
      LOG.warn(
          "the state of {} round {} is lost; it is made again", past.job.run(), ledger.closed());
      ledger.reopen();
    }
    ledger.memory(ledger.closed() < 0 ? "" : past.rounds.get(ledger.closed()).memory());
  }

  private boolean hasState(int round) {
    String sha256 = ledger.round(round).sha256();
    if (states.holds(round, sha256)) {
      return true;
    }
    Event.Ordered next = past.order(round + 1);
    return next != null
        && next.state() != null
        && keeping.restore(next.attempt(), next.state(), states, round).equals(sha256);
  }

  private boolean hasMemory(int round) {
    String sha256 = past.rounds.get(round).memory();
    if (sha256.isEmpty() || holds(memories.file(round), sha256)) {
      return true;
    }
    Event.Ordered next = past.order(round + 1);
    if (next == null || next.memory() == null) {
      return false;
    }
    keeping.restore(next.attempt(), next.memory(), memories.file(round));
    return holds(memories.file(round), sha256);
  }

  private static boolean holds(Path file, String sha256) {
    try {
      return Files.exists(file) && Sha256.hex(file).equals(sha256);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
