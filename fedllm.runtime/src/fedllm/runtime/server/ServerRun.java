package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.error.Pauses;
import fedllm.api.error.Refused;
import fedllm.api.error.Repeats;
import fedllm.api.error.SitsOut;
import fedllm.api.error.Unreachable;
import fedllm.api.planner.Assignment;
import fedllm.api.planner.Task;
import fedllm.api.protocol.Conductor;
import fedllm.api.protocol.Event;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.strategy.Member;
import fedllm.api.transport.Record;
import fedllm.runtime.job.Job;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.MissingPlugin;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run on the server: it tells the protocol's course what happens, and does what the course
 * says, at the boundary of a round only. The server's thread.
 */
final class ServerRun implements Conductor, Incoming.Heard {

  private static final Logger LOG = LoggerFactory.getLogger(ServerRun.class);
  private static final int MAX_REPEATS = 3;

  private final String id;
  private final House house;
  private final Ledger ledger;
  private final Rounds rounds;
  private final Agenda agenda = new Agenda();
  private final Opening opening;
  private final Door door;
  private final Incoming incoming;
  private Reunion reunion;
  private Asking asking;
  private boolean finale;
  private boolean pauseWanted;
  private boolean started;
  private int repeats;

  /** What goes on when the reason to wait is gone; null while nothing waits. */
  private Runnable waiting;

  ServerRun(String id, Job job, House house) {
    this.id = id;
    this.house = house;
    this.ledger = new Ledger(id, job.source());
    this.rounds = new Rounds(id, job, house, ledger);
    this.opening = new Opening(rounds.states());
    Path folder = house.state().resolve("runs").resolve(id);
    this.door = new Door(rounds, ledger, folder, house.memoryBytes());
    this.incoming = new Incoming(opening, door, this);
  }

  Ledger ledger() {
    return ledger;
  }

  RunView view() {
    return ledger.view(asking, house.silos());
  }

  /** Begins, when these silos are here. */
  void start(List<String> here) {
    rounds.party(here);
    reunion = new Reunion(Set.of());
    waiting = this::begin;
    tick();
  }

  /**
   * Takes up what the log says of a run that has not ended; {@link #start} has to follow.
   *
   * @return from where on the answers to an order that stands have to be read, by topic
   */
  Map<String, Long> goOn(History.Past past) {
    try {
      rounds.goOn(past);
    } catch (Ends e) {
      end(RunState.FAILED, e.getMessage());
    }
    reunion = new Reunion(past.clients);
    return rounds.unread();
  }

  /** Goes on where {@link #goOn} left it. */
  void restart() {
    waiting = this::begin;
    tick();
  }

  private void begin() {
    if (ledger.closed() >= 0) {
      rounds.reopen();
      started = true;
      agenda.tell(new Event.Started(ledger.closed()));
    } else if (rounds.standing() == null) {
      askForInitialState();
    } else {
      rounds.refresh();
      asking = rounds.takeUp();
    }
  }

  /** Time passed, silos or plugins came or went: whatever waits may go on. */
  void tick() {
    if (ledger.state().ended()) {
      return;
    }
    int due = agenda.due();
    if (asking != null && asking.attempt().round() == due) {
      attempt(() -> agenda.tell(new Event.Reminded(due)));
    }
    if (pauseWanted || waiting == null) {
      return;
    }
    if (rounds.standing() == null && reunion.waits(house.silos().present())) {
      ledger.state(RunState.RUNNING, "waits for " + reunion.missing() + " to come back");
      return;
    }
    Runnable next = waiting;
    waiting = null;
    attempt(next);
  }

  /** A silo fell silent. */
  void lost(String client) {
    if (asking == null || !asking.lose(client, house.silos().whyAway(client))) {
      return;
    }
    LOG.warn("{}: nothing is heard of {} any more", asking.attempt(), client);
    if (!started) {
      absent(client, house.silos().whyAway(client));
    } else if (finale) {
      completeIfAllReported();
    } else {
      int round = asking.attempt().round();
      attempt(() -> agenda.tell(new Event.Lost(round, client)));
    }
  }

  /** A silo that fell silent is heard of again. */
  void found(String client) {
    if (asking != null && asking.find(client) && started && !finale) {
      int round = asking.attempt().round();
      attempt(() -> agenda.tell(new Event.Back(round, client)));
    }
  }

  /** Nothing more is expected of a silo in the round that is open. */
  void sitsOut(String client, String why) {
    if (asking != null && asking.awaits(client)) {
      absent(client, why);
    }
  }

  /** A silo said something about this run; {@code record} is where. */
  void word(String client, Word word, Attempt about, Record record) {
    if (asking == null || !about.equals(asking.attempt()) || !asking.awaits(client)) {
      if (word instanceof Word.Manifest) {
        LOG.info("{}: an update of {} that nobody awaits does not count", about, client);
        house.quarantine().add(id, about.round(), client, "nobody awaited it", record);
      }
      return;
    }
    attempt(() -> incoming.word(asking, client, word, record));
  }

  /** A piece of an update came. */
  void chunk(String client, Record record) {
    if (asking != null
        && asking.awaits(client)
        && record.header("attempt").equals("" + asking.attempt().number())) {
      attempt(() -> incoming.chunk(asking, client, record));
    }
  }

  void pause() {
    if (!ledger.state().ended()) {
      pauseWanted = true;
      ledger.state(ledger.state(), "will pause when round " + (ledger.closed() + 1) + " closes");
    }
  }

  void resume() {
    if (!ledger.state().ended()) {
      pauseWanted = false;
      ledger.state(RunState.RUNNING, "");
      tick();
    }
  }

  /** Another server leads: nothing is said any more, and nothing forgotten. */
  void abandon() {
    opening.close();
    door.close();
    rounds.release();
  }

  /** The log gave an order back. */
  void confirmed(fedllm.runtime.message.Event.Ordered order) {
    rounds.confirmed(order);
  }

  void cancel() {
    end(RunState.CANCELLED, "cancelled");
  }

  @Override
  public void open(int round) {
    agenda.act(() -> openNow(round));
  }

  @Override
  public void close(int round) {
    agenda.act(() -> closeNow(round));
  }

  @Override
  public void repeat(int round, String reason) {
    agenda.act(
        () -> {
          if (++repeats > MAX_REPEATS) {
            throw new Ends(
                "round %d failed %d times: %s; %s"
                    .formatted(round, repeats, reason, asking.absences()));
          }
          LOG.warn("run {} repeats round {}: {}", id, round, reason);
          asking = null;
          openNow(round);
        });
  }

  @Override
  public void finish() {
    agenda.act(this::finishNow);
  }

  @Override
  public void remind(int round, long afterMs) {
    agenda.remind(round, afterMs);
  }

  /** Does something, then all that follows from it; an error says what the run does next. */
  private void attempt(Runnable what) {
    try {
      what.run();
      agenda.work(event -> rounds.crew().course().on(event, this), () -> ledger.state().ended());
    } catch (MissingPlugin e) {
      hold(what, waitsFor(e));
    } catch (Unreachable e) {
      hold(what, "waits for the broker: " + e.getMessage());
    } catch (Ends | Refused e) {
      end(RunState.FAILED, e.getMessage());
    } catch (RuntimeException | LinkageError e) { // a plugin's bundle may lack a class
      LOG.error("run {} cannot go on", id, e);
      end(RunState.FAILED, "the server failed: " + e);
    }
  }

  private static String waitsFor(MissingPlugin e) {
    return "waits for %s %s%s; put its bundle into the plugins folder"
        .formatted(e.kind(), e.name(), e.version() == null ? "" : " " + e.version());
  }

  /** The run pauses by name, at this boundary. */
  private void hold(Runnable again, String why) {
    if (!why.equals(ledger.says())) {
      LOG.warn("run {} {}", id, why);
    }
    waiting = again;
    rounds.say(RunState.PAUSED, why, null);
  }

  private void openNow(int round) {
    if (pauseWanted) {
      waiting = () -> openNow(round);
      rounds.say(RunState.PAUSED, "paused before round " + round, null);
      return;
    }
    if (rounds.standing() != null) {
      takeUp(round);
      return;
    }
    try {
      if (rounds.refresh()) { // another course does not know where the run is
        agenda.tell(new Event.Started(ledger.closed()));
        return;
      }
      if (!rounds.unheard().isEmpty() || reunion.waits(house.silos().present())) {
        awaitSilos(round);
        return;
      }
      List<Assignment> plan = rounds.plan(round);
      if (plan.stream().noneMatch(a -> a.tasks().contains(Task.TRAIN))) {
        hold(() -> openNow(round), "waits for silos; " + rounds.whoIsMissing());
        return;
      }
      asking = rounds.ask(round, plan);
      opened(round, plan);
    } catch (MissingPlugin e) {
      hold(() -> openNow(round), waitsFor(e));
    } catch (Unreachable e) {
      hold(() -> openNow(round), "waits for the broker: " + e.getMessage());
    }
  }

  private void awaitSilos(int round) {
    Set<String> missing = rounds.unheard().isEmpty() ? reunion.missing() : rounds.unheard();
    ledger.state(ledger.state(), "waits for " + missing + " to come back");
    waiting = () -> openNow(round);
  }

  /** The log holds the order already: silos may have answered it while no server led. */
  private void takeUp(int round) {
    asking = rounds.takeUp();
    opened(
        round,
        asking.asked().entrySet().stream()
            .map(e -> new Assignment(e.getKey(), e.getValue().tasks(), e.getValue().settings()))
            .toList());
  }

  private void opened(int round, List<Assignment> plan) {
    if (ledger.state() == RunState.PAUSED) {
      rounds.say(RunState.RUNNING, "", null);
    } else {
      ledger.state(ledger.state(), "");
    }
    agenda.tell(new Event.Opened(round, plan));
    plan.stream()
        .map(Assignment::client)
        .filter(client -> !house.silos().present().contains(client))
        .filter(house.silos().known()::contains)
        .filter(client -> asking.lose(client, house.silos().whyAway(client)))
        .forEach(client -> agenda.tell(new Event.Lost(round, client)));
  }

  private void closeNow(int round) {
    Asking closing = asking;
    asking = null;
    fold(round, closing);
  }

  private void fold(int round, Asking closing) {
    try {
      rounds.close(closing);
    } catch (SitsOut | Ends e) {
      throw e;
    } catch (Repeats e) {
      asking = closing; // names those who are absent, should this have been the last time
      repeat(round, e.getMessage());
      return;
    } catch (Unreachable | Pauses e) {
      rounds.rollBack();
      hold(() -> fold(round, closing), "waits to fold round " + round + ": " + e.getMessage());
      return;
    } catch (RuntimeException | LinkageError e) {
      LOG.error("round {} of run {} cannot be folded", round, id, e);
      rounds.rollBack();
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
    if (ledger.state() == RunState.PAUSED) { // the broker was away
      rounds.say(RunState.RUNNING, "", null);
    }
    agenda.tell(new Event.Closed(round));
  }

  /** What failed would fail again: the round is opened anew once there is another version. */
  private void awaitOthers(int round, String why) {
    hold(
        () -> {
          if (rounds.hasOthers()) {
            openNow(round);
          } else {
            awaitOthers(round, why);
          }
        },
        why);
  }

  private void finishNow() {
    List<Assignment> plan = rounds.last();
    if (plan.isEmpty()) {
      complete();
      return;
    }
    finale = true;
    asking = rounds.ask(ledger.closed() + 1, plan);
  }

  private void complete() {
    rounds.export();
    end(RunState.COMPLETED, "");
  }

  private void end(RunState state, String why) {
    if (ledger.state().ended()) {
      return;
    }
    asking = null;
    waiting = null;
    rounds.say(state, why, ledger.result());
    opening.close();
    door.close();
    rounds.release();
    LOG.info("run {} {} {}", id, state, why);
  }

  private void askForInitialState() {
    rounds.refresh();
    String client = opening.next(rounds.able());
    if (client == null) {
      hold(this::askForInitialState, "waits for silos; " + rounds.whoIsMissing());
      return;
    }
    if (ledger.state() == RunState.PAUSED) {
      rounds.say(RunState.RUNNING, "", null);
    }
    asking = rounds.ask(0, List.of(new Assignment(client, EnumSet.of(Task.INITIALISE), Map.of())));
  }

  @Override
  public void initialised(Opening.Made made, Word.Manifest manifest) {
    rounds.initialised(made, manifest, asking.seconds());
    asking = null;
    started = true;
    agenda.tell(new Event.Started(0));
  }

  @Override
  public void arrived(Member member) {
    if (asking.closing() == null) {
      agenda.tell(new Event.Arrived(asking.attempt().round(), member, asking.seconds()));
    } else if (asking.isComplete()) { // the log says that this round is closed
      agenda.act(() -> closeNow(asking.attempt().round()));
    }
  }

  @Override
  public void reported(String client, Map<String, Double> metrics) {
    asking.report(client);
    rounds.measured(asking.attempt().round() - 1, client, new TreeMap<>(metrics));
    if (!finale) {
      agenda.tell(new Event.Reported(asking.attempt().round(), client));
    } else {
      completeIfAllReported();
    }
  }

  private void completeIfAllReported() {
    if (asking.allReported()) {
      attempt(this::complete);
    }
  }

  @Override
  public void refused(String client, String reason, Record record) {
    house.quarantine().add(id, asking.attempt().round(), client, reason, record);
    absent(client, reason);
  }

  @Override
  public void absent(String client, String reason) {
    LOG.warn("{}: {} sits out: {}", asking.attempt(), client, reason);
    int round = asking.attempt().round();
    asking.absent(client, reason);
    if (!started) {
      opening.refused(client, reason);
      asking = null;
      attempt(this::askForInitialState);
    } else if (!finale) {
      attempt(() -> agenda.tell(new Event.Absent(round, client, reason)));
    } else {
      completeIfAllReported();
    }
  }
}
