package fedllm.chaos;

import fedllm.api.error.Ends;
import fedllm.api.run.RunState;
import fedllm.runtime.message.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Does what lasts a while to a part of a federation whose rounds close by a learnt deadline. Who
 * counts is then a matter of time, so that the run is compared with itself: its states are made
 * again from the log.
 */
public final class Trouble {

  private static final int BYTES = 1 << 18;

  /** Two of three are enough; the third has the time that it usually takes. */
  private static final String QUORUM = "2";

  private static final int ROUNDS_TO_MEASURE = 6;

  /** The first ones take longer: programs are compiled. */
  private static final int ROUNDS_TO_WARM_UP = 2;

  private static final int FEWEST_ROUNDS = 12;

  /** A run should outlast what is done to it, and have an end. */
  private static final int MOST_ROUNDS = 150;

  private static final long LOOK_MS = 5;
  private static final long PATIENCE_SECONDS = 600;

  private final long seconds;
  private final Consumer<String> say;

  /**
   * Of so many seconds.
   *
   * @param say hears how it goes on
   */
  public Trouble(long seconds, Consumer<String> say) {
    this.seconds = seconds;
    this.say = say;
  }

  /** Does it in every cell; the folder takes states and logs. */
  public List<Row> run(List<Cell> cells, Path work) throws IOException {
    List<Row> rows = new ArrayList<>();
    say.accept("starting a broker, two servers and three silos, to be hurt");
    try (Machines machines = Machines.many(work);
        Federation federation = new Federation(work, machines);
        Recorder recorder = federation.recorder();
        RunLog log = federation.log()) {
      Replay replay =
          new Replay(
              new Topics(Federation.NAME), Federation.SILOS, recorder, work.resolve("replay"));
      double round = roundSeconds(federation, log);
      int rounds = (int) Math.max(FEWEST_ROUNDS, Math.min(MOST_ROUNDS, 1.5 * seconds / round));
      say.accept("a round takes %.2f s, so that runs have %d".formatted(round, rounds));
      for (Cell cell : cells) {
        String lacks = machines.lacks(cell.fault());
        rows.add(
            lacks.isEmpty()
                ? row(cell, rounds, federation, recorder, replay, log)
                : Row.skipped(cell, cell.fault().shown(seconds), lacks));
        say.accept("%d of %d: %s".formatted(rows.size(), cells.size(), rows.get(rows.size() - 1)));
      }
    }
    return rows;
  }

  /** How long a round of an undisturbed run takes. */
  private static double roundSeconds(Federation federation, RunLog log) throws IOException {
    Matrix.submit(federation, log, Matrix.job(BYTES, ROUNDS_TO_MEASURE, QUORUM));
    while (log.lastClosed() < ROUNDS_TO_WARM_UP && !log.state().ended()) {
      log.read(LOOK_MS);
    }
    long beganNs = System.nanoTime();
    Matrix.awaitEnd(log);
    if (log.state() != RunState.COMPLETED) {
      throw new Ends("the undisturbed run ended: " + log.says());
    }
    return (System.nanoTime() - beganNs) / 1e9 / (ROUNDS_TO_MEASURE - ROUNDS_TO_WARM_UP);
  }

  private Row row(
      Cell cell, int rounds, Federation federation, Recorder recorder, Replay replay, RunLog log)
      throws IOException {
    federation.awaitReady();
    recorder.forgetChunks();
    Matrix.submit(federation, log, Matrix.job(BYTES, rounds, QUORUM));
    if (!Matrix.awaitPhase(cell.phase(), log, 0)) {
      throw new Ends("the run ended before anything was done to it: " + log.says());
    }
    int next = log.round().attempt().round();
    String who = Matrix.victim(cell, log);
    String seen = log.round() + " (" + who + ")";
    double resumed = hurt(who, cell.fault(), next, federation, log);
    boolean inside = !log.state().ended();
    seen += inside ? ", well in round " + log.round().attempt().round() : ", well after the end";
    awaitEnd(log);
    SortedMap<Integer, String> again = replay.hashes(log.run());
    SortedMap<Integer, String> folded = log.hashes().tailMap(1); // before is a silo's own state
    boolean same = again.equals(folded) && !folded.isEmpty();
    boolean completed = log.state() == RunState.COMPLETED;
    return new Row(
        cell.victim().toString(),
        cell.phase().toString(),
        cell.fault().shown(seconds),
        seen,
        resumed,
        log.hashes().isEmpty() ? "" : log.hashes().get(log.hashes().lastKey()),
        again.isEmpty() ? "" : again.get(again.lastKey()),
        same && completed,
        false,
        says(completed, folded, again, log));
  }

  /** Answers the seconds until the next round closed; negative where none did. */
  private double hurt(String who, Fault fault, int next, Federation federation, RunLog log) {
    long beganNs = System.nanoTime();
    double resumed = -1;
    federation.hurt(who, fault);
    try {
      while (System.nanoTime() - beganNs < TimeUnit.SECONDS.toNanos(seconds)) {
        log.read(LOOK_MS);
        if (fault == Fault.FULL) {
          federation.hurt(who, fault); // a file that was deleted leaves no room
        }
        resumed = resumed < 0 ? resumed(next, beganNs, log) : resumed;
      }
    } finally {
      federation.heal(who, fault);
    }
    while (resumed < 0 && !log.state().ended() && inTime(beganNs)) {
      log.read(LOOK_MS);
      resumed = resumed(next, beganNs, log);
    }
    return resumed;
  }

  private static double resumed(int next, long beganNs, RunLog log) {
    return log.lastClosed() >= next ? (System.nanoTime() - beganNs) / 1e9 : -1;
  }

  private static void awaitEnd(RunLog log) {
    long beganNs = System.nanoTime();
    while (!log.state().ended() && inTime(beganNs)) {
      log.read(LOOK_MS);
    }
  }

  private static boolean inTime(long beganNs) {
    return System.nanoTime() - beganNs < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
  }

  private static String says(
      boolean completed,
      SortedMap<Integer, String> folded,
      SortedMap<Integer, String> again,
      RunLog log) {
    if (!completed) {
      return "the run is " + log.state() + ": " + log.says();
    }
    return folded.keySet().stream()
        .filter(round -> !folded.get(round).equals(again.get(round)))
        .findFirst()
        .map(round -> "round " + round + " made again is " + again.get(round))
        .orElse("");
  }
}
