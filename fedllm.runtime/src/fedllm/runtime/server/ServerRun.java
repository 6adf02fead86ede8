package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.error.Refused;
import fedllm.api.protocol.Event;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.strategy.Member;
import fedllm.api.transport.Record;
import fedllm.runtime.job.Job;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.MissingPlugin;
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
final class ServerRun implements Incoming.Heard {

  private static final Logger LOG = LoggerFactory.getLogger(ServerRun.class);

  private final RunStage stage;
  private final RoundSteps steps;
  private final Incoming incoming;

  ServerRun(String id, Job job, House house) {
    Ledger ledger = new Ledger(id, job.source());
    this.stage = new RunStage(id, house, ledger, new Rounds(id, job, house, ledger));
    this.steps = new RoundSteps(stage);
    this.incoming = new Incoming(stage.opening, stage.door, this);
  }

  Ledger ledger() {
    return stage.ledger;
  }

  RunView view() {
    return stage.ledger.view(stage.asking, stage.house.silos());
  }

  /** Begins, when these silos are here. */
  void start(List<String> here) {
    stage.rounds.orders().party(here);
    stage.reunion = new Reunion(Set.of());
    stage.waiting = this::begin;
    tick();
  }

  /**
   * Takes up what the log says of a run that has not ended; {@link #restart} has to follow.
   *
   * @return from where on the answers to an order that stands have to be read, by topic
   */
  Map<String, Long> goOn(History.Past past) {
    try {
      stage.rounds.goOn(past);
    } catch (Ends e) {
      stage.end(RunState.FAILED, e.getMessage());
    }
    stage.late = stage.rounds.orders().late();
    stage.reunion = new Reunion(past.clients);
    return stage.rounds.orders().unread();
  }

  /**
   * Goes on where {@link #goOn} left it. What was asked is answered also while a run is paused, and
   * nobody says it twice.
   */
  void restart() {
    if (stage.ledger.state().ended()) {
      return;
    }
    if (stage.ledger.closed() >= 0) {
      attempt(this::begin);
    } else {
      stage.waiting = this::begin;
      tick();
    }
  }

  private void begin() {
    if (stage.ledger.closed() >= 0) {
      stage.rounds.reopen();
      stage.started = true;
      stage.agenda.tell(new Event.Started(stage.ledger.closed()));
    } else if (stage.rounds.orders().standing() == null) {
      steps.askForInitialState();
    } else {
      stage.rounds.refresh();
      stage.asking = stage.rounds.orders().takeUp();
    }
  }

  /** Time passed, silos or plugins came or went: whatever waits may go on. */
  void tick() {
    if (stage.ledger.state().ended()) {
      return;
    }
    int due = stage.agenda.due();
    if (stage.asking != null && stage.asking.attempt().round() == due) {
      attempt(() -> stage.agenda.tell(new Event.Reminded(due)));
    }
    if (stage.pauseWanted || stage.waiting == null) {
      return;
    }
    if (stage.rounds.orders().standing() == null
        && stage.reunion.waits(stage.house.silos().present())) {
      stage.ledger.state(
          RunState.RUNNING, "waits for " + stage.reunion.missing() + " to come back");
      return;
    }
    Runnable next = stage.waiting;
    stage.waiting = null;
    attempt(next);
  }

  /** A silo fell silent. */
  void lost(String client) {
    Asking asking = stage.awaiting(client);
    if (asking == null || !asking.lose(client, stage.house.silos().whyAway(client))) {
      return;
    }
    LOG.warn("{}: nothing is heard of {} any more", asking.attempt(client), client);
    if (!stage.started) {
      absent(client, stage.house.silos().whyAway(client));
    } else if (stage.finale) {
      completeIfAllReported();
    } else {
      tell(asking, new Event.Lost(asking.attempt().round(), client));
    }
  }

  /** A silo that fell silent is heard of again. */
  void found(String client) {
    Asking asking = stage.awaiting(client);
    if (asking != null && asking.find(client) && stage.started && !stage.finale) {
      tell(asking, new Event.Back(asking.attempt().round(), client));
    }
  }

  /** Between two rounds the course hears nothing; it is told who is there when the next opens. */
  private void tell(Asking asking, Event event) {
    if (asking == stage.asking) {
      attempt(() -> stage.agenda.tell(event));
    }
  }

  /** Nothing more is expected of a silo in the round that is open. */
  void sitsOut(String client, String why) {
    if (stage.awaiting(client) != null) {
      absent(client, why);
    }
  }

  /** A silo said something about this run; {@code record} is where. */
  void word(String client, Word word, Attempt about, Record record) {
    Asking asking = stage.awaiting(client);
    if (asking == null || !about.equals(asking.attempt(client))) {
      if (word instanceof Word.Manifest) {
        LOG.info("{}: an update of {} that nobody awaits does not count", about, client);
        String why = whyNotAwaited(about);
        stage.house.quarantine().add(stage.id, about.round(), client, why, record);
      }
      return;
    }
    attempt(() -> incoming.word(asking, client, word, record));
  }

  private String whyNotAwaited(Attempt about) {
    int rounds = stage.ledger.closed() + 1 - about.round();
    int most = stage.rounds.crew() == null ? 0 : stage.rounds.crew().course().maxStaleness();
    return most > 0 && rounds > most
        ? "it is %d rounds late, and the protocol counts what is %d late at most"
            .formatted(rounds, most)
        : "nobody awaited it";
  }

  /** A piece of an update came. */
  void chunk(String client, Record record) {
    Asking asking = stage.awaiting(client);
    if (asking != null && record.header("attempt").equals("" + asking.attempt(client).number())) {
      attempt(() -> incoming.chunk(asking, client, record));
    }
  }

  void pause() {
    if (!stage.ledger.state().ended()) {
      stage.pauseWanted = true;
      stage.ledger.state(
          stage.ledger.state(), "will pause when round " + (stage.ledger.closed() + 1) + " closes");
    }
  }

  void resume() {
    if (!stage.ledger.state().ended()) {
      stage.pauseWanted = false;
      stage.ledger.state(RunState.RUNNING, "");
      tick();
    }
  }

  /** Another server leads: nothing is said any more, and nothing forgotten. */
  void abandon() {
    stage.abandon();
  }

  /** The log gave an order back. */
  void confirmed(fedllm.runtime.message.Event.Ordered order) {
    stage.rounds.orders().confirmed(order);
  }

  void cancel() {
    stage.end(RunState.CANCELLED, "cancelled");
  }

  /** Does something, then all that follows from it; an error says what the run does next. */
  private void attempt(Runnable what) {
    try {
      what.run();
      stage.agenda.work(
          event -> stage.rounds.crew().course().on(event, steps),
          () -> stage.ledger.state().ended());
    } catch (MissingPlugin e) {
      stage.hold(what, RunStage.waitsFor(e));
    } catch (Ends | Refused e) {
      stage.end(RunState.FAILED, e.getMessage());
    } catch (RuntimeException | LinkageError e) { // a plugin's bundle may lack a class
      LOG.error("run {} cannot go on", stage.id, e);
      stage.end(RunState.FAILED, "the server failed: " + e);
    }
  }

  @Override
  public void initialised(Opening.Made made, Word.Manifest manifest) {
    stage.rounds.initialised(made, manifest, stage.asking.seconds());
    stage.asking = null;
    stage.started = true;
    stage.agenda.tell(new Event.Started(0));
  }

  @Override
  public void arrived(Member member) {
    Asking asking = stage.asking;
    if (asking == null || !asking.hasArrived(member.client())) {
      LOG.info("{}: an update of {} counts in the next round", stage.id, member.client());
    } else if (asking.closing() == null) {
      stage.agenda.tell(new Event.Arrived(asking.attempt().round(), member, asking.seconds()));
    } else if (asking.isComplete()) { // the log says that this round is closed
      stage.agenda.act(() -> steps.closeNow(asking.attempt().round()));
    }
  }

  @Override
  public void reported(String client, Map<String, Double> metrics) {
    Asking asking = stage.awaiting(client);
    asking.report(client);
    stage.rounds.measured(asking.attempt(client).round() - 1, client, new TreeMap<>(metrics));
    if (stage.finale) {
      completeIfAllReported();
    } else {
      tell(asking, new Event.Reported(asking.attempt().round(), client));
    }
  }

  private void completeIfAllReported() {
    if (stage.asking.allReported()) {
      attempt(stage::complete);
    }
  }

  @Override
  public void refused(String client, String reason, Record record) {
    int round = stage.awaiting(client).attempt(client).round();
    stage.house.quarantine().add(stage.id, round, client, reason, record);
    absent(client, reason);
  }

  @Override
  public void absent(String client, String reason) {
    Asking asking = stage.awaiting(client);
    LOG.warn("{}: {} sits out: {}", asking.attempt(client), client, reason);
    asking.absent(client, reason);
    if (!stage.started) {
      stage.opening.refused(client, reason);
      stage.asking = null;
      attempt(steps::askForInitialState);
    } else if (stage.finale) {
      completeIfAllReported();
    } else {
      tell(asking, new Event.Absent(asking.attempt().round(), client, reason));
    }
  }
}
