package fedllm.runtime.server;

import fedllm.api.error.Pauses;
import fedllm.api.error.Refused;
import fedllm.api.error.Repeats;
import fedllm.api.planner.Assignment;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.UsedPlugin;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Schema;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsWriter;
import fedllm.runtime.job.Job;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.States;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** How a run's rounds are asked for, checked, folded and recorded. The server's thread. */
final class Rounds {

  private final String id;
  private final Job job;
  private final House house;
  private final Ledger ledger;
  private final Scope scope;
  private final GlobalStates states;
  private final States memories;
  private final Versions versions;
  private final Orders orders;
  private Crew crew;
  private SafetensorsFile global;
  private Schema schema;

  Rounds(String id, Job job, House house, Ledger ledger) {
    this.id = id;
    this.job = job;
    this.house = house;
    this.ledger = ledger;
    this.scope = new Scope(id, "server", job.seed());
    Path folder = house.state().resolve("runs").resolve(id);
    this.states = new GlobalStates(folder);
    this.memories = new States(folder.resolve("memory"));
    this.versions = new Versions(job, house.silos());
    this.orders = new Orders(id, house, ledger, memories, versions);
  }

  Crew crew() {
    return crew;
  }

  Orders orders() {
    return orders;
  }

  GlobalStates states() {
    return states;
  }

  Schema schema() {
    return schema;
  }

  /** Goes on with what the log says, from the last state that is in a file or in the log. */
  void goOn(History.Past before) {
    new Recovery(before, ledger, states, memories, house.keeping()).findState();
    orders.goOn(before);
  }

  /** Publishes a round's state and orders; {@code late} go on with what they were asked before. */
  Asking ask(int round, List<Assignment> plan, Asking late) {
    if (round > 0) { // what cannot be answered is not asked
      plan.stream()
          .filter(a -> a.tasks().contains(Task.TRAIN))
          .forEach(a -> expected(a.settings()));
    }
    return orders.ask(round, plan, late, crew, global);
  }

  /** Opens the last recorded state, with the plugins that the standing order names. */
  void reopen() {
    load(ledger.closed());
    Event.Ordered standing = orders.standing();
    engage(new Crew(job, scope, house.plugins(), standing == null ? Map.of() : standing.plugins()));
    rollBack();
  }

  /**
   * Takes the newest plugins at a boundary; state goes over to them.
   *
   * @return whether there is another crew now, for the first time excepted
   */
  boolean refresh() {
    boolean first = crew == null;
    if (!first && versions.areNewest(crew.used(), house.plugins())) {
      return false;
    }
    engage(new Crew(job, scope, house.plugins(), Map.of()));
    return !first;
  }

  /** A round failed half done: whoever remembers goes back to what was recorded. */
  void rollBack() {
    if (!ledger.memory().isEmpty()) {
      memories.load(ledger.closed(), crew.stateful());
    }
  }

  /** Whether another version of a plugin is here than the one at work. */
  boolean hasOthers() {
    return !versions.areNewest(crew.used(), house.plugins());
  }

  private void engage(Crew next) {
    if (crew != null) {
      States.restore(next.stateful(), States.snapshot(crew.stateful()));
      crew.close();
    }
    crew = next;
    ledger.planned(crew.rounds());
  }

  /** What an update to an order with these settings must hold. */
  Schema expected(Map<String, Object> settings) {
    return crew.strategy().plugin().update(crew.strategy().options(), schema, settings);
  }

  /** Silos that have what the job needs of them and are here, or are waited for. */
  List<String> able() {
    return versions.able(crew.course().awaitsLost() ? orders.party() : Set.of());
  }

  /** Who took part in the last round, is waited for, and has not joined this server yet. */
  Set<String> unheard() {
    Set<String> unheard = new TreeSet<>(crew.course().awaitsLost() ? orders.party() : Set.of());
    unheard.removeAll(house.silos().known());
    return unheard;
  }

  String whoIsMissing() {
    return versions.whyNobody();
  }

  /** Who is asked for what, apart from those who go on with what they were asked before. */
  List<Assignment> plan(int round, Asking late) {
    List<String> able = new ArrayList<>(able());
    if (late != null) {
      able.removeAll(late.stillAsked().keySet());
    }
    List<Assignment> plan = new ArrayList<>();
    for (Assignment a : crew.planning().plan(round, able)) {
      Set<Task> tasks = EnumSet.copyOf(a.tasks());
      if (job.evaluators().isEmpty()) {
        tasks.remove(Task.EVALUATE);
      }
      if (!tasks.isEmpty()) {
        plan.add(new Assignment(a.client(), tasks, crew.settings(a)));
      }
    }
    return plan;
  }

  /** Who measures the last state. */
  List<Assignment> last() {
    return job.evaluators().isEmpty() ? List.of() : crew.planning().last(able());
  }

  /** The first global state lies in its file. */
  void initialised(Opening.Made made, Word.Manifest manifest, double seconds) {
    ledger.start(made.base(), manifest.files());
    load(0);
    ledger.memory(remember(0));
    record(
        new RoundView(
            0,
            List.of(),
            Map.of(),
            seconds,
            manifest.sent(),
            manifest.received(),
            0,
            Map.of(),
            made.sha256(),
            ledger.plugins(),
            List.of()),
        manifest.files());
  }

  /**
   * Closes a round for good, and makes the next state.
   *
   * @throws Repeats when the strategy does not take so few members
   */
  void close(Asking closing) {
    Attempt attempt = closing.attempt();
    List<Upload> uploads = closing.members();
    List<Arrival> arrivals = closing.updates();
    if (closing.closing() == null) {
      admit(arrivals.size());
      Set<String> late = closing.mayGoOn(crew.course().maxStaleness());
      closing.closedAs(
          new Event.Closed(
              attempt, closing.counted(), closing.nonMembers(late), closing.seconds(), late));
      house.post().later(house.topics().control(), closing.closing());
    }
    Round round =
        new Round(
            attempt.round(),
            arrivals.stream().map(Arrival::member).toList(),
            arrivals.stream().map(Arrival::schema).toList(),
            schema,
            scope);
    Aggregation aggregation = crew.strategy().plugin().open(crew.strategy().options(), round);
    Fold fold = new Fold(round, arrivals, crew.strategy(), crew::up, house.transport());
    crew.descent().begin(round);
    String sha256;
    try (SafetensorsWriter after = states.writer(attempt.round(), fold.next(crew.descent()))) {
      fold.survey(aggregation);
      sha256 = fold.fold(aggregation, crew.aggregateWatches(), crew.descent(), global, after);
    } catch (IOException e) {
      throw new Pauses("the global state cannot be written: " + e + "; make room for it", e);
    }
    uploads.forEach(
        u -> crew.planning().learned(attempt.round(), u.member().client(), u.manifest().metrics()));
    ledger.memory(remember(attempt.round()));
    load(attempt.round());
    record(
        new RoundView(
            attempt.round(),
            uploads.stream().map(upload -> upload.member().client()).toList(),
            closing.closing().absent(),
            closing.closing().seconds(),
            uploads.stream().mapToLong(u -> u.manifest().sent()).sum(),
            uploads.stream().mapToLong(u -> u.manifest().received()).sum(),
            round.updates().stream().mapToLong(update -> 4 * update.size()).sum(),
            Map.of(),
            sha256,
            ledger.plugins(),
            Stream.concat(orders.changes().stream(), closing.afresh().stream()).toList(),
            closing.lateness()),
        Map.of());
    states.forgetBefore(attempt.round() - 1);
  }

  private void admit(int members) {
    try {
      crew.strategy().plugin().admit(crew.strategy().options(), members);
    } catch (Refused e) {
      throw new Repeats(e.getMessage(), e);
    }
  }

  /** Keeps what plugins remember with a round's state; answers its SHA-256, empty for nothing. */
  private String remember(int round) {
    Map<String, Stateful> stateful = crew.stateful();
    return stateful.isEmpty() ? "" : memories.save(round, stateful);
  }

  /** A client measured the state that a round ended with. */
  void measured(int round, String client, Map<String, Double> metrics) {
    ledger.measure(round, client, metrics);
    house.post().later(house.topics().control(), new Event.Measured(id, round, client, metrics));
  }

  private void record(RoundView round, Map<String, String> files) {
    ledger.close(round);
    house
        .post()
        .later(
            house.topics().control(),
            new Event.Recorded(id, round, ledger.base(), files, ledger.memory()));
  }

  private void load(int round) {
    if (global != null) {
      closeGlobal();
    }
    global = states.open(round);
    schema = global.schema();
  }

  private void closeGlobal() {
    try {
      global.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a global state cannot be closed", e);
    }
  }

  /** Lays the last state out as the result. */
  void export() {
    int last = ledger.closed();
    Path adapter = states.export(last, crew.descent().files(ledger.files(), schema));
    ledger.result(new ResultView(adapter.toString(), ledger.round(last).sha256()));
  }

  /** The run does something else now, and the log says so. */
  void say(RunState state, String says, ResultView result) {
    if (ledger.state() == state && ledger.says().equals(says)) {
      return;
    }
    ledger.state(state, says);
    house
        .post()
        .event(
            house.topics().control(),
            new Event.Said(id, state, says, result, List.copyOf(crewNames())));
  }

  private List<String> crewNames() {
    return ledger.plugins().stream().map(UsedPlugin::toString).toList();
  }

  /** Lets go of plugins and files. */
  void release() {
    if (crew != null) {
      crew.close();
      crew = null;
    }
    if (global != null) {
      closeGlobal();
      global = null;
    }
  }
}
