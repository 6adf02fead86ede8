package fedllm.runtime.server;

import fedllm.api.error.Unreachable;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.runtime.job.Job;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Terms;
import fedllm.runtime.message.Topics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term in which this server leads: one thread reads what silos write, runs the runs, and does
 * what the console asks for between two records. It ends when the log says that another one leads.
 */
final class Tenure {

  private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);
  private static final long LOOK_MS = 250;
  private static final long POLL_MS = 50;

  /** Ten minutes. */
  private static final int MANY_LOOKS = 2400;

  private final Topics topics;
  private final House house;
  private final Housekeeper housekeeper;
  private final Receiver receiver;
  private final Terms terms;
  private final long term;
  private final Map<String, ServerRun> runs = new LinkedHashMap<>();
  private final Set<String> followed = new LinkedHashSet<>();
  private final ConcurrentLinkedQueue<Runnable> requests = new ConcurrentLinkedQueue<>();
  private final Publications publications;
  private final SiloKeys keys;
  private final Ear ear;
  private final Runnable show;
  private volatile boolean pluginsChanged;
  private volatile boolean over;
  private long looks;

  /**
   * Of a term that has begun.
   *
   * @param receiver follows the control topic
   * @param show is called when what others may see has changed
   */
  Tenure(
      Topics topics,
      House house,
      Housekeeper housekeeper,
      Receiver receiver,
      Terms terms,
      Publications publications,
      SiloKeys keys,
      Runnable show) {
    this.topics = topics;
    this.house = house;
    this.housekeeper = housekeeper;
    this.receiver = receiver;
    this.terms = terms;
    this.term = terms.term();
    this.show = show;
    this.publications = publications;
    this.keys = keys;
    this.ear = new Ear(topics, house.silos(), runs, show, house.quarantine(), publications, keys);
  }

  /** Takes up the runs of those who led before, and follows what silos wrote meanwhile. */
  void takeUp(History history) {
    Map<String, Long> from = new TreeMap<>(history.siloEnds());
    for (History.Past past : history.runs().values()) {
      takeUp(past).forEach((topic, at) -> from.merge(topic, at, Math::min));
    }
    from.forEach(this::follow);
    runs.values().forEach(ServerRun::restart);
  }

  private Map<String, Long> takeUp(History.Past past) {
    String id = past.job.run();
    Job job = new JobReader(topics.federation(), true).read(past.job.job(), past.job.source());
    ServerRun run = new ServerRun(id, job, house);
    for (Event.Recorded recorded : past.rounds.values()) {
      if (recorded.round().number() == 0) {
        run.ledger().start(recorded.base(), recorded.files());
      }
      run.ledger().close(recorded.round());
    }
    runs.put(id, run);
    if (past.ended()) {
      run.ledger().state(past.said.state(), past.said.says());
      run.ledger().result(past.said.result());
      return Map.of();
    }
    LOG.info("run {} goes on after round {}", id, run.ledger().closed());
    if (past.said != null
        && past.said.state() == RunState.PAUSED
        && past.said.says().startsWith("paused")) {
      run.pause();
    }
    return run.goOn(past);
  }

  private void follow(String topic, long from) {
    receiver.follow(topic, from);
    house.places().reached(topic, from);
    followed.add(topic);
  }

  /** Leads until {@code closed}, or until another one does. */
  void run(BooleanSupplier closed) {
    long nextLook = 0;
    while (!closed.getAsBoolean() && terms.term() == term) {
      if (System.nanoTime() >= nextLook) {
        nextLook = System.nanoTime() + LOOK_MS * 1_000_000;
        look();
      }
      for (Record record : receiver.poll(POLL_MS)) {
        hear(record);
      }
      answer();
      if (pluginsChanged) {
        pluginsChanged = false;
        runs.values().forEach(ServerRun::tick);
      }
    }
    runs.values().forEach(ServerRun::abandon);
    if (terms.term() != term) {
      LOG.warn("{} leads now, in term {}; this server stands by", terms.node(), terms.term());
    }
  }

  private void look() {
    for (String topic : housekeeper.topics()) {
      if (!followed.contains(topic)) {
        try {
          follow(topic, 0);
        } catch (Unreachable e) {
          LOG.warn("{} cannot be followed yet: {}", topic, e.getMessage());
        }
      }
    }
    house.silos().listened(housekeeper.answeredNs(), housekeeper.awayNs());
    house.silos().lose().forEach(ear::lost);
    if (++looks % MANY_LOOKS == 0) {
      house.retention().forgetUnneeded(followed);
    }
    runs.values().forEach(ServerRun::tick);
    show.run();
  }

  private void hear(Record record) {
    if (!record.topic().equals(topics.control())) {
      house.places().reached(record.topic(), record.offset() + 1);
      ear.hear(record);
      return;
    }
    try {
      Event event = Json.read(Event.class, record.body());
      if (!terms.counts(record, event) || terms.term() != term) {
        return;
      }
      if (event instanceof Event.Ordered ordered) {
        runs.get(ordered.attempt().run()).confirmed(ordered);
      } else if (event instanceof Event.Said said && said.state().ended()) {
        house.retention().needOnly(said.run(), Map.of());
      }
    } catch (IOException e) {
      LOG.warn("{}@{} is not understood and passed over", record.topic(), record.offset(), e);
    }
  }

  Map<String, ServerRun> runs() {
    return runs;
  }

  /** All silos that this federation knows, here or not. */
  List<String> silos() {
    return followed.stream().map(topics::siloOf).toList();
  }

  Publications publications() {
    return publications;
  }

  House house() {
    return house;
  }

  List<RunView> runViews() {
    return runs.values().stream().map(ServerRun::view).toList();
  }

  List<SiloView> siloViews() {
    List<SiloView> views = new ArrayList<>(house.silos().views());
    keys.refused().forEach((silo, why) -> views.add(new SiloView(silo, "refused", 0, why, "")));
    return List.copyOf(views);
  }

  /** Takes a job that was checked; the leading thread. */
  void submit(String id, Job job, String yaml) {
    List<String> here = house.silos().present();
    house.post().event(topics.control(), new Event.Submitted(id, job.source(), yaml, here));
    ServerRun run = new ServerRun(id, job, house);
    runs.put(id, run);
    run.start(here);
    LOG.info("run {} was submitted: {}", id, job.source());
  }

  /** Does something between two records, on the leading thread. */
  void request(Runnable what) {
    requests.add(what);
    if (over) {
      answer();
    } else {
      receiver.wakeup();
    }
  }

  private void answer() {
    for (Runnable request = requests.poll(); request != null; request = requests.poll()) {
      request.run();
      show.run();
    }
  }

  /** Whoever still asks learns that this server leads no more. */
  void end() {
    over = true;
    answer();
  }

  /** Plugins came or went; any thread. */
  void pluginsChanged() {
    pluginsChanged = true;
    receiver.wakeup();
  }
}
