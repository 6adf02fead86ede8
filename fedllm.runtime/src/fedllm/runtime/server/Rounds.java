package fedllm.runtime.server;

import fedllm.api.error.Ends;
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
import fedllm.api.strategy.Member;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a run's rounds are asked for, checked, folded and recorded. The server's thread. */
final class Rounds {

  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

  private final String id;
  private final Job job;
  private final House house;
  private final Ledger ledger;
  private final Scope scope;
  private final GlobalStates states;
  private final States memories;
  private final Versions versions;
  private Crew crew;
  private SafetensorsFile global;
  private Schema schema;
  private Event.Broadcast broadcast;
  private List<String> changes = List.of();
  private int attempts;

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
  }

  Crew crew() {
    return crew;
  }

  GlobalStates states() {
    return states;
  }

  Schema schema() {
    return schema;
  }

  /** So many orders were given before. */
  void attempts(int before) {
    attempts = before;
  }

  /**
   * Goes back to the last round whose state is still there, should the disk have lost a later one.
   */
  void findState() {
    while (ledger.closed() >= 0
        && !states.holds(ledger.closed(), ledger.round(ledger.closed()).sha256())) {
      LOG.warn("run {}: the state of round {} is lost; it is done again", id, ledger.closed());
      ledger.reopen();
    }
  }

  /** Goes on from the last recorded state. */
  void reopen() {
    load(ledger.closed());
    refresh();
    if (ledger.closed() > 0) {
      memories.load(ledger.closed(), crew.stateful());
    }
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
    Crew next = new Crew(job, scope, house.plugins());
    if (!first) {
      States.restore(next.stateful(), States.snapshot(crew.stateful()));
      crew.close();
    }
    crew = next;
    ledger.planned(crew.rounds());
    return !first;
  }

  /** Silos that are here and have what the job needs of them. */
  List<String> able() {
    return versions.able();
  }

  String whoIsMissing() {
    return versions.whyNobody();
  }

  List<Assignment> plan(int round) {
    List<Assignment> plan = new ArrayList<>();
    for (Assignment a : crew.planning().plan(round, able())) {
      Set<Task> tasks = EnumSet.copyOf(a.tasks());
      if (job.evaluators().isEmpty()) {
        tasks.remove(Task.EVALUATE);
      }
      if (!tasks.isEmpty()) {
        plan.add(new Assignment(a.client(), tasks, a.settings()));
      }
    }
    return plan;
  }

  /** Who measures the last state. */
  List<Assignment> last() {
    return job.evaluators().isEmpty() ? List.of() : crew.planning().last(able());
  }

  /** Publishes a round's state and orders. */
  Asking ask(int round, List<Assignment> plan) {
    long startedNs = System.nanoTime();
    Attempt attempt = new Attempt(id, round, ++attempts);
    Map<String, Event.Asked> asked = new TreeMap<>();
    for (Assignment a : plan) {
      asked.put(
          a.client(),
          new Event.Asked(
              a.tasks(), a.settings(), ledger.counted(a.client()), house.silos().next(a.client())));
    }
    List<UsedPlugin> used = versions.choose(crew.used(), asked.keySet());
    changes = Versions.changes(ledger.plugins(), used);
    ledger.plugins(used);
    changes.forEach(change -> house.audit().add("swap", id, change));
    Map<String, String> byName = new LinkedHashMap<>();
    used.forEach(u -> byName.put(u.kind() + "/" + u.name(), u.version()));
    broadcast = round == 0 ? null : house.broadcasts().send(attempt, global, crew);
    house
        .post()
        .event(
            house.topics().control(),
            new Event.Ordered(attempt, asked, broadcast, ledger.base(), byName, crew.rounds()));
    return new Asking(attempt, asked, startedNs);
  }

  /** The first global state lies in its file. */
  void initialised(Opening.Made made, Word.Manifest manifest, double seconds) {
    ledger.start(made.base(), manifest.files());
    load(0);
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
    List<Arrival> arrivals = closing.members();
    admit(arrivals.size());
    house
        .post()
        .later(
            house.topics().control(),
            new Event.Closed(attempt, closing.examples(), closing.absences()));
    Round round =
        new Round(attempt.round(), arrivals.stream().map(Arrival::member).toList(), schema, scope);
    Aggregation aggregation = crew.strategy().plugin().open(crew.strategy().options(), round);
    Fold fold = new Fold(round, arrivals, crew.strategy().plugin(), crew::up, house.transport());
    String sha256;
    try (SafetensorsWriter after = states.writer(attempt.round(), schema)) {
      fold.survey(aggregation);
      sha256 = fold.fold(aggregation, crew.aggregateWatches(), crew.descent(), global, after);
    } catch (IOException e) {
      throw new Ends("the global state cannot be written: " + e.getMessage(), e);
    }
    Map<String, Stateful> stateful = crew.stateful();
    if (!stateful.isEmpty()) {
      memories.save(attempt.round(), stateful);
    }
    load(attempt.round());
    record(
        new RoundView(
            attempt.round(),
            round.members().stream().map(Member::client).toList(),
            closing.absences(),
            closing.seconds(),
            arrivals.stream().mapToLong(a -> a.manifest().sent()).sum(),
            arrivals.stream().mapToLong(a -> a.manifest().received()).sum(),
            4 * schema.size() * arrivals.size(),
            Map.of(),
            sha256,
            ledger.plugins(),
            Stream.concat(changes.stream(), closing.afresh().stream()).toList()),
        Map.of());
    arrivals.forEach(a -> house.housekeeper().forget(a.topic(), a.begin() + a.chunks()));
    states.forgetBefore(attempt.round() - 1);
  }

  private void admit(int members) {
    try {
      crew.strategy().plugin().admit(crew.strategy().options(), members);
    } catch (Refused e) {
      throw new Repeats(e.getMessage(), e);
    }
  }

  private void record(RoundView round, Map<String, String> files) {
    ledger.close(round);
    house
        .post()
        .later(house.topics().control(), new Event.Recorded(id, round, ledger.base(), files));
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
    Path adapter = states.export(last, ledger.files());
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
    house.broadcasts().release(id);
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
