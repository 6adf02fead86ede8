package fedllm.chaos;

import fedllm.api.error.Ends;
import fedllm.api.run.RunState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Kills and compares: one federation, one undisturbed run, and a run for each cell. */
public final class Matrix {

  /** The fewest rounds: some before the kill, and some after it. */
  public static final int FEWEST_ROUNDS = 6;

  /** From here on there is something to lose: private states, the optimizer's memory. */
  private static final int FIRST_ROUND = 3;

  /** A phase may pass unseen; its run is then over undisturbed, and another one is submitted. */
  private static final int TRIES = 3;

  private static final long LOOK_MS = 5;

  /** A whole run takes some seconds on a quiet machine. */
  private static final long PATIENCE_SECONDS = 300;

  private final int rounds;
  private final Consumer<String> say;

  /**
   * Of runs of so many rounds.
   *
   * @param say hears how it goes on
   */
  public Matrix(int rounds, Consumer<String> say) {
    this.rounds = rounds;
    this.say = say;
  }

  /** Kills in every cell; the folder takes states and logs. */
  public List<Row> run(List<Cell> cells, Path work) throws IOException {
    List<Row> rows = new ArrayList<>();
    say.accept("starting a broker, two servers and three silos");
    try (Federation federation = new Federation(work, Machines.one(work));
        RunLog log = federation.log()) {
      submit(federation, log);
      awaitEnd(log);
      if (log.state() != RunState.COMPLETED) {
        throw new Ends("the undisturbed run ended: " + log.says());
      }
      SortedMap<Integer, String> expected = new TreeMap<>(log.hashes());
      long untilAnsweredNs = log.untilAnsweredNs();
      say.accept(
          "undisturbed: %d rounds, sha256 %s"
              .formatted(expected.lastKey(), expected.get(expected.lastKey())));
      for (Cell cell : cells) {
        Row row = row(cell, federation, log, expected, untilAnsweredNs);
        rows.add(row);
        say.accept("%d of %d: %s".formatted(rows.size(), cells.size(), row));
      }
    }
    return rows;
  }

  private Row row(
      Cell cell,
      Federation federation,
      RunLog log,
      SortedMap<Integer, String> expected,
      long untilAnsweredNs)
      throws IOException {
    String seen = "";
    double resumed = -1;
    for (int i = 0; i < TRIES && seen.isEmpty(); i++) {
      federation.awaitReady();
      submit(federation, log);
      if (awaitPhase(cell.phase(), log, untilAnsweredNs)) {
        int next = log.round().attempt().round() + (cell.phase().beforeTheClose() ? 0 : 1);
        String who = victim(cell, log);
        seen = log.round() + " (" + who + ")";
        long killedNs = System.nanoTime();
        kill(who, federation);
        resumed = awaitClose(next, log, killedNs);
      }
      awaitEnd(log);
    }
    boolean same = log.hashes().equals(expected) && log.state() == RunState.COMPLETED;
    String says = says(seen, same, log, expected);
    return new Row(
        cell.victim().toString(),
        cell.phase().toString(),
        cell.fault().shown(0),
        seen,
        resumed,
        log.hashes().isEmpty() ? "" : log.hashes().get(log.hashes().lastKey()),
        expected.get(expected.lastKey()),
        same && !seen.isEmpty(),
        false,
        says);
  }

  private static String says(
      String seen, boolean same, RunLog log, SortedMap<Integer, String> expected) {
    if (seen.isEmpty()) {
      return "the phase passed unseen in " + TRIES + " runs";
    }
    if (same) {
      return "";
    }
    if (log.state() != RunState.COMPLETED) {
      return "the run is " + log.state() + ": " + log.says();
    }
    return expected.keySet().stream()
        .filter(round -> !expected.get(round).equals(log.hashes().get(round)))
        .findFirst()
        .map(round -> "round " + round + " has another state")
        .orElse("there are more rounds than expected");
  }

  private void submit(Federation federation, RunLog log) throws IOException {
    submit(federation, log, job());
  }

  static void submit(Federation federation, RunLog log, String job) throws IOException {
    String run = federation.submit(job);
    long deadline = deadline();
    while (!log.run().equals(run)) {
      log.read(LOOK_MS);
      refuseLate(deadline, log);
    }
  }

  /** Answers false where the run ended without. */
  static boolean awaitPhase(Phase phase, RunLog log, long untilAnsweredNs) {
    long deadline = deadline();
    while (!log.state().ended()) {
      log.read(LOOK_MS);
      RoundLog round = log.round();
      if (round != null
          && round.attempt().round() >= FIRST_ROUND
          && phase.holds(round, System.nanoTime(), untilAnsweredNs)) {
        return true;
      }
      refuseLate(deadline, log);
    }
    return false;
  }

  static String victim(Cell cell, RunLog log) {
    return switch (cell.victim()) {
      case COORDINATOR -> log.leader();
      case STANDBY -> Federation.other(log.leader());
      case BROKER -> "broker";
      case SILO -> {
        String silo =
            cell.phase() == Phase.UPLOAD ? log.round().uploading() : log.round().missing();
        yield silo == null ? Federation.SILOS.get(0) : silo;
      }
    };
  }

  private static void kill(String who, Federation federation) {
    if (who.equals("broker")) {
      federation.broker().kill9();
      federation.broker().restart();
    } else {
      federation.kill9(who);
      federation.restart(who);
    }
  }

  private static double awaitClose(int next, RunLog log, long killedNs) {
    long deadline = deadline();
    while (log.lastClosed() < next && !log.state().ended() && System.nanoTime() < deadline) {
      log.read(LOOK_MS);
    }
    return log.lastClosed() < next ? -1 : (System.nanoTime() - killedNs) / 1e9;
  }

  /** A run that comes to no end is a result, too. */
  static void awaitEnd(RunLog log) {
    long deadline = deadline();
    while (!log.state().ended() && System.nanoTime() < deadline) {
      log.read(LOOK_MS);
    }
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
  }

  private static void refuseLate(long deadline, RunLog log) {
    if (System.nanoTime() > deadline) {
      throw new Ends("run " + log.run() + " stands still: " + log.round() + "; " + log.says());
    }
  }

  /** Updates of some megabytes, so that phases last; the optimizer remembers. */
  private String job() {
    return job(8 << 20, rounds, "all");
  }

  static String job(int bytes, int rounds, String quorum) {
    StringBuilder silos = new StringBuilder();
    Federation.SILOS.forEach(silo -> silos.append("  - { name: ").append(silo).append(" }\n"));
    return """
    federation: %s
    trainer: { name: noise, bytes: %d }
    strategy: { name: fedavg }
    optimizer: { name: fedadam }
    protocol: { name: synchronous, rounds: %d, quorum: %s }
    seed: 1
    silos:
    %s\
    """
        .formatted(Federation.NAME, bytes, rounds, quorum, silos);
  }
}
