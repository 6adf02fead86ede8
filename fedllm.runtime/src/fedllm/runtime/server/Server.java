package fedllm.runtime.server;

import fedllm.api.error.Unreachable;
import fedllm.api.run.BundleState;
import fedllm.api.run.PluginView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.runtime.job.Job;
import fedllm.runtime.job.JobCheck;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import fedllm.runtime.plugin.PluginInfo;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.publish.Catalogue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A federation's server: one thread that reads what silos write, runs the runs, and does what the
 * console asks for between two records. What others see of it are copies.
 */
public final class Server implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Server.class);
  private static final long LOOK_MS = 250;
  private static final long POLL_MS = 50;

  private final Topics topics;
  private final boolean local;
  private final Path state;
  private final long memoryBytes;
  private final Transport transport;
  private final Plugins plugins;
  private final Silos silos = new Silos();
  private final Map<String, ServerRun> runs = new LinkedHashMap<>();
  private final Set<String> followed = new LinkedHashSet<>();
  private final ConcurrentLinkedQueue<Runnable> requests = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean pluginsChanged = new AtomicBoolean();
  private final CountDownLatch ready = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile Receiver receiver;
  private volatile List<RunView> runViews = List.of();
  private volatile List<SiloView> siloViews = List.of();
  private final String node;
  private final Supplier<List<BundleState>> bundles;
  private Ear ear;
  private House house;
  private SiloKeys keys;
  private Publications publications;

  /**
   * Made, not yet running.
   *
   * @param local whether the launcher of all silos submits its own paths
   * @param state a directory of its own
   * @param memoryBytes of a round's coded updates that are kept between its passes, in a mapped
   *     file
   */
  public Server(
      String federation,
      boolean local,
      Path state,
      long memoryBytes,
      Transport transport,
      Plugins plugins) {
    this(federation, "server", local, state, memoryBytes, transport, plugins, List::of);
  }

  /**
   * Made, not yet running.
   *
   * @param node its name, for the audit trail
   * @param bundles how published bundles stand at this node itself
   */
  public Server(
      String federation,
      String node,
      boolean local,
      Path state,
      long memoryBytes,
      Transport transport,
      Plugins plugins,
      Supplier<List<BundleState>> bundles) {
    this.node = node;
    this.bundles = bundles;
    this.topics = new Topics(federation);
    this.local = local;
    this.state = state;
    this.memoryBytes = memoryBytes;
    this.transport = transport;
    this.plugins = plugins;
    plugins.onChange(
        () -> {
          pluginsChanged.set(true);
          wake();
        });
  }

  /** Works until {@link #close}. */
  public void run() {
    transport.create(topics.control());
    transport.create(topics.broadcast());
    transport.create(topics.bundles());
    transport.create(topics.audit());
    History history = History.read(transport, topics.control());
    try (Sender sender = transport.sender();
        Receiver reader = transport.receiver();
        Housekeeper housekeeper = new Housekeeper(transport, topics.silos())) {
      Post post = new Post(sender);
      Quarantine quarantine = new Quarantine(post, topics.control(), history.quarantined());
      Catalogue catalogue = Catalogue.read(transport, topics.bundles());
      publications = new Publications(post, topics.bundles(), catalogue, silos, bundles);
      keys =
          new SiloKeys(
              topics.federation(),
              state.resolve("silos.keys"),
              (silo, key) -> post.event(topics.control(), new Event.Pinned(silo, key)));
      keys.pinned(history.keys());
      ear = new Ear(topics, silos, runs, this::show, quarantine, publications, keys);
      house =
          new House(
              state,
              topics,
              transport,
              post,
              new Broadcasts(post, housekeeper, topics.broadcast()),
              housekeeper,
              plugins,
              silos,
              quarantine,
              new Audit(transport, post, topics.audit(), node),
              memoryBytes);
      receiver = reader;
      for (String topic : transport.topics(topics.silos())) {
        reader.follow(topic, reader.end(topic));
        followed.add(topic);
      }
      post.event(topics.control(), new Event.ServerUp(System.currentTimeMillis()));
      history.runs().values().forEach(this::goOn);
      ready.countDown();
      LOG.info("server of {} is up", topics.federation());
      loop(reader);
    } finally {
      receiver = null;
    }
  }

  private void loop(Receiver reader) {
    long nextLook = 0;
    while (!closed) {
      if (System.nanoTime() >= nextLook) {
        nextLook = System.nanoTime() + LOOK_MS * 1_000_000;
        followNewSilos(reader);
        long answeredNs = house.housekeeper().answeredNs();
        silos.listened(answeredNs, house.housekeeper().awayNs());
        silos.lose().forEach(ear::lost);
        runs.values().forEach(ServerRun::tick);
        show();
      }
      for (Record record : reader.poll(POLL_MS)) {
        ear.hear(record);
      }
      for (Runnable request = requests.poll(); request != null; request = requests.poll()) {
        request.run();
        show();
      }
      if (pluginsChanged.getAndSet(false)) {
        runs.values().forEach(ServerRun::tick);
      }
    }
  }

  private void followNewSilos(Receiver reader) {
    for (String topic : house.housekeeper().topics()) {
      if (!followed.contains(topic)) {
        try {
          reader.follow(topic, 0);
          followed.add(topic);
        } catch (Unreachable e) {
          LOG.warn("{} cannot be followed yet: {}", topic, e.getMessage());
        }
      }
    }
  }

  /** Takes up a run where the log left it. */
  private void goOn(History.Past past) {
    String id = past.job.run();
    Job job = new JobReader(topics.federation(), true).read(past.job.job(), past.job.source());
    ServerRun run = new ServerRun(id, job, house);
    past.rounds
        .values()
        .forEach(
            r -> {
              if (r.round().number() == 0) {
                run.ledger().start(r.base(), r.files());
              }
              run.ledger().close(r.round());
            });
    runs.put(id, run);
    if (past.ended()) {
      run.ledger().state(past.said.state(), past.said.says());
      run.ledger().result(past.said.result());
      return;
    }
    LOG.info("run {} goes on after round {}", id, run.ledger().closed());
    if (past.said != null
        && past.said.state() == RunState.PAUSED
        && past.said.says().startsWith("paused")) {
      run.pause();
    }
    run.start(past.clients, past.attempts);
  }

  /** Copies what others may see; the server's thread. */
  void show() {
    runViews = runs.values().stream().map(ServerRun::view).toList();
    siloViews = silos.views();
    if (keys != null && !keys.refused().isEmpty()) {
      List<SiloView> all = new ArrayList<>(siloViews);
      keys.refused().forEach((silo, why) -> all.add(new SiloView(silo, "refused", 0, why, "")));
      siloViews = List.copyOf(all);
    }
  }

  private void wake() {
    Receiver reader = receiver;
    if (reader != null) {
      reader.wakeup();
    }
  }

  String federation() {
    return topics.federation();
  }

  /** Waits until requests are answered. */
  public void awaitReady() throws InterruptedException {
    ready.await();
  }

  List<RunView> runViews() {
    return runViews;
  }

  List<SiloView> siloViews() {
    return siloViews;
  }

  /** Does something between two records, on the server's thread. */
  void request(Runnable what) {
    requests.add(what);
    wake();
  }

  /** Takes a job; the server's thread. */
  String submit(String yaml, String source) {
    Job job = new JobReader(topics.federation(), local).read(yaml, source);
    List<PluginInfo> known = new ArrayList<>(plugins.infos());
    known.addAll(silos.plugins());
    new JobCheck(known).check(job);
    Rehearsal.of(job, plugins, followed.stream().map(topics::siloOf).toList());
    String id = newId();
    house.post().event(topics.control(), new Event.Submitted(id, source, yaml));
    ServerRun run = new ServerRun(id, job, house);
    runs.put(id, run);
    run.start(Set.of(), 0);
    LOG.info("run {} was submitted: {}", id, source);
    return id;
  }

  /** What nodes are sent; the server's thread. */
  Publications publications() {
    return publications;
  }

  /** Who did what; the server's thread. */
  Audit audit() {
    return house.audit();
  }

  /** What did not count; the server's thread. */
  Quarantine quarantine() {
    return house.quarantine();
  }

  /** Short, and in the order of submission. */
  private String newId() {
    String time = Long.toString(System.currentTimeMillis() / 1000, 36);
    return "r" + time + "-" + (runs.size() + 1);
  }

  void pause(String id) {
    runs.get(id).pause();
  }

  void resume(String id) {
    runs.get(id).resume();
  }

  void cancel(String id) {
    runs.get(id).cancel();
  }

  /** The plugins of server and silos; the server's thread. */
  List<PluginView> pluginViews() {
    Map<String, PluginView> views = new TreeMap<>();
    List<PluginInfo> all = new ArrayList<>(plugins.infos());
    all.addAll(silos.plugins());
    for (PluginInfo info : all) {
      Set<String> where = new TreeSet<>(silos.having(info));
      if (plugins.find(info.kind(), info.name(), info.version()).isPresent()) {
        where.add("server");
      }
      views.put(info.used().toString(), info.view(List.copyOf(where)));
    }
    return List.copyOf(views.values());
  }

  @Override
  public void close() {
    closed = true;
    wake();
  }
}
