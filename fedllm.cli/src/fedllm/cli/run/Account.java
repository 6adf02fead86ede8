package fedllm.cli.run;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Refused;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.job.Job;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is known of a job so far, so that there is an outcome whatever happens. One thread. */
public final class Account {

  private final String source;
  private final Map<String, Ended> ended = new TreeMap<>();
  private final Map<String, Timed> others = new LinkedHashMap<>();
  private String federation = "";
  private List<String> silos = List.of();
  private final Map<String, ResultView> kept = new LinkedHashMap<>();
  private Timed run;
  private double startSeconds;
  private Consumption cost = Consumption.NOTHING;
  private Outcome.Exit thrown;

  /** A silo whose process ended before a round closed. */
  private record Ended(int beforeRound, String why) {}

  /** A run as it was last seen. */
  private record Timed(RunView view, double seconds) {}

  /** Of a job's file, of which nothing is known yet. */
  public Account(String source) {
    this.source = source;
  }

  void read(Job job) {
    federation = job.federation();
    silos = job.names();
  }

  void started(double seconds) {
    startSeconds = seconds;
  }

  /** What the federated run took of this machine. */
  void took(Consumption consumption) {
    cost = consumption;
  }

  void saw(RunView view, double seconds) {
    run = new Timed(view, seconds);
  }

  void saw(String row, RunView view, double seconds) {
    others.put(row, new Timed(view, seconds));
  }

  /** What a run made lies where it stays. */
  void kept(RunView of, ResultView result) {
    kept.put(of.id(), result);
  }

  /** A silo's process ended; whatever round closes next lacks it. */
  void ended(String silo, String why) {
    ended.putIfAbsent(silo, new Ended(run == null ? 0 : run.view().rounds().size(), why));
  }

  /** It was not a run's own end that ended it. */
  public void thrown(Throwable error, String message) {
    String state = "FAILED";
    if (error instanceof Cancelled || error instanceof InterruptedException) {
      state = "INTERRUPTED";
    } else if (error instanceof Refused && run == null) {
      state = "REFUSED";
    }
    thrown = new Outcome.Exit(state, message);
  }

  Comparison comparison() {
    if (run == null) {
      return new Comparison(silos, List.of());
    }
    Map<String, RunView> compared = new LinkedHashMap<>();
    others.forEach((row, other) -> compared.put(row, other.view()));
    return Comparison.of(silos, run.view(), compared);
  }

  /** What came of it, up to now. */
  public Outcome outcome() {
    Map<String, Outcome> compared = new LinkedHashMap<>();
    others.forEach(
        (row, other) ->
            compared.put(row, outcome(other, null, exit(other.view()), null, 0, Map.of(), null)));
    return outcome(run, comparison().cells(), exit(), compared, startSeconds, ended, cost);
  }

  private Outcome.Exit exit() {
    if (thrown != null) {
      return thrown;
    }
    if (run == null) {
      return new Outcome.Exit("FAILED", "it has not begun");
    }
    for (Map.Entry<String, Timed> other : others.entrySet()) {
      RunView view = other.getValue().view();
      if (view.state() == RunState.FAILED) {
        return new Outcome.Exit("FAILED", other.getKey() + ": " + view.says());
      }
    }
    return exit(run.view());
  }

  private static Outcome.Exit exit(RunView view) {
    if (!view.state().ended()) {
      return new Outcome.Exit("INTERRUPTED", "it was " + view.state() + " " + view.says());
    }
    return new Outcome.Exit(view.state().name(), view.says());
  }

  private Outcome outcome(
      Timed timed,
      List<Comparison.Cell> table,
      Outcome.Exit exit,
      Map<String, Outcome> compared,
      double start,
      Map<String, Ended> missed,
      Consumption taken) {
    RunView view =
        timed != null
            ? timed.view()
            : new RunView("", source, null, "", "", 0, List.of(), List.of(), null, null);
    return new Outcome(
        view.id(),
        view.job(),
        federation,
        view.base(),
        view.plugins(),
        view.rounds().stream()
            .map(round -> Outcome.Closed.of(round, absent(round, missed)))
            .toList(),
        kept.get(view.id()),
        table,
        exit,
        compared,
        new Outcome.Seconds(start, timed == null ? 0 : timed.seconds()),
        updates(view).mapToLong(RoundView::bytesUp).sum(),
        updates(view).mapToLong(RoundView::bytesDown).sum(),
        updates(view).mapToLong(RoundView::bytesFp32).sum(),
        taken);
  }

  /** The server asks nobody who has left; here they are still missed. */
  private static Map<String, String> absent(RoundView round, Map<String, Ended> missed) {
    Map<String, String> absent = new TreeMap<>(round.absent());
    missed.forEach(
        (silo, end) -> {
          if (round.number() > 0
              && round.number() >= end.beforeRound()
              && !round.members().contains(silo)) {
            absent.putIfAbsent(silo, end.why());
          }
        });
    return absent;
  }

  /** Round 0 carries the initial state, no update. */
  private static Stream<RoundView> updates(RunView view) {
    return view.rounds().stream().filter(round -> round.number() > 0);
  }
}
