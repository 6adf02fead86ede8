package fedllm.runtime.server;

import fedllm.api.run.OpenRound;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.run.UsedPlugin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is known of a run: its closed rounds, its state, its words. One thread. */
final class Ledger {

  private final String id;
  private final String source;
  private final List<RoundView> rounds = new ArrayList<>();
  private RunState state = RunState.RUNNING;
  private String says = "";
  private String base = "";
  private int planned;
  private List<UsedPlugin> plugins = List.of();
  private Map<String, String> files = Map.of();
  private ResultView result;
  private String memory = "";

  Ledger(String id, String source) {
    this.id = id;
    this.source = source;
  }

  void state(RunState newState, String newWords) {
    state = newState;
    says = newWords;
  }

  RunState state() {
    return state;
  }

  String says() {
    return says;
  }

  String base() {
    return base;
  }

  Map<String, String> files() {
    return files;
  }

  void start(String fingerprint, Map<String, String> beside) {
    base = fingerprint;
    files = beside;
  }

  void planned(int newPlanned) {
    planned = newPlanned;
  }

  void plugins(List<UsedPlugin> used) {
    plugins = List.copyOf(used);
  }

  List<UsedPlugin> plugins() {
    return plugins;
  }

  /** The SHA-256 of what the server's plugins remember with the last state; empty for nothing. */
  String memory() {
    return memory;
  }

  void memory(String sha256) {
    memory = sha256;
  }

  void result(ResultView newResult) {
    result = newResult;
  }

  ResultView result() {
    return result;
  }

  /** Adds a closed round. */
  void close(RoundView round) {
    rounds.add(round);
  }

  /** Takes the last closed round back. */
  void reopen() {
    rounds.remove(rounds.size() - 1);
  }

  /** Closed rounds without the initial state; -1 before there is even that. */
  int closed() {
    return rounds.size() - 1;
  }

  RoundView round(int number) {
    return rounds.get(number);
  }

  /** The round that asked for the last update of a client that counted, or 0. */
  int counted(String client) {
    for (int r = closed(); r > 0; r--) {
      if (rounds.get(r).members().contains(client)) {
        return r - rounds.get(r).late().getOrDefault(client, 0);
      }
    }
    return 0;
  }

  /** Adds what a client measured of the state that a round ended with. */
  void measure(int round, String client, Map<String, Double> metrics) {
    RoundView old = rounds.get(round);
    Map<String, Map<String, Double>> all = new TreeMap<>(old.metrics());
    all.put(client, Map.copyOf(metrics));
    rounds.set(round, measured(old, all));
  }

  /** A round with other metrics. */
  static RoundView measured(RoundView old, Map<String, Map<String, Double>> metrics) {
    return new RoundView(
        old.number(),
        old.members(),
        old.absent(),
        old.seconds(),
        old.bytesUp(),
        old.bytesDown(),
        old.bytesFp32(),
        metrics,
        old.sha256(),
        old.plugins(),
        old.changes(),
        old.late());
  }

  RunView view(Asking open, Silos silos) {
    OpenRound now =
        open == null
            ? null
            : new OpenRound(open.attempt().round(), open.words(silos), secondsLeft(open));
    return new RunView(
        id, source, state, says, base, planned, plugins, List.copyOf(rounds), now, result);
  }

  private double secondsLeft(Asking open) {
    int recent = Math.min(5, closed());
    if (recent < 1 || planned == 0) {
      return -1;
    }
    double mean =
        rounds.subList(rounds.size() - recent, rounds.size()).stream()
            .mapToDouble(RoundView::seconds)
            .average()
            .orElse(0);
    return Math.max(0, mean * (planned - closed()) - open.seconds());
  }
}
