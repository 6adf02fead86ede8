package fedllm.runtime.server;

import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.run.BundleState;
import fedllm.api.run.PluginView;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import fedllm.api.transport.Receiver;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of a federation: it leads, or stands by for the one that does. What others see of it are
 * copies.
 */
public final class Server implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** After so long without a beat of the server that leads, one that stands by takes over. */
  private static final long LOST_MS = 5000;

  private final String node;
  private final Topics topics;
  private final boolean local;
  private final Path state;
  private final long memoryBytes;
  private final Transport transport;
  private final Plugins plugins;
  private final Supplier<List<BundleState>> bundles;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch ready = new CountDownLatch(1);
  private volatile Tenure tenure;
  private volatile Receiver receiver;
  private volatile List<RunView> runViews = List.of();
  private volatile List<SiloView> siloViews = List.of();

  /**
   * Made, not yet running.
   *
   * @param node its name; another server of this name is an earlier life of it
   * @param local whether the launcher of all silos submits its own paths
   * @param state a directory of its own
   * @param memoryBytes of a round's coded updates that are kept between its passes, in a mapped
   *     file
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
    this.bundles = bundles;
    this.topics = new Topics(federation);
    this.node = node;
    this.local = local;
    this.state = state;
    this.memoryBytes = memoryBytes;
    this.transport = transport;
    this.plugins = plugins;
    plugins.onChange(
        () -> {
          Tenure now = tenure;
          if (now != null) {
            now.pluginsChanged();
          }
        });
  }

  /** Leads, or stands by, until {@link #close}. */
  public void run() {
    for (String topic : topics.ofTheServer()) {
      transport.create(topic);
    }
    boolean starts = true;
    while (!isClosed()) {
      try (Receiver reader = transport.receiver()) {
        receiver = reader;
        History history =
            new Succession(node, starts, topics, transport, LOST_MS).await(reader, this::isClosed);
        if (history != null) {
          starts = false;
          lead(history, reader);
        }
      } catch (Unreachable e) {
        LOG.warn("what the log holds cannot be taken up yet: {}", e.getMessage());
      } finally {
        receiver = null;
      }
    }
  }

  private void lead(History history, Receiver reader) {
    try (Sender sender = transport.sender();
        Housekeeper housekeeper = new Housekeeper(transport, topics.silos());
        Heartbeat heartbeat = new Heartbeat(transport, topics.leader(), history.terms().term())) {
      Post post = new Post(sender, history.terms().term());
      Quarantine quarantine = new Quarantine(post, topics.control(), history.quarantined());
      Audit audit = new Audit(transport, post, topics.audit(), node);
      House house =
          House.of(
              state, topics, transport, post, housekeeper, plugins, quarantine, audit, memoryBytes);
      Catalogue catalogue = Catalogue.read(transport, topics.bundles());
      Publications publications =
          new Publications(post, topics.bundles(), catalogue, house.silos(), bundles);
      SiloKeys keys =
          new SiloKeys(
              topics.federation(),
              state.resolve("silos.keys"),
              (silo, key) -> post.event(topics.control(), new Event.Pinned(silo, key)));
      keys.pinned(history.keys());
      Tenure mine =
          new Tenure(
              topics, house, housekeeper, reader, history.terms(), publications, keys, this::show);
      mine.takeUp(history);
      tenure = mine;
      show();
      ready.countDown();
      LOG.info("{} leads {} in term {}", node, topics.federation(), history.terms().term());
      try {
        mine.run(this::isClosed);
      } finally {
        tenure = null;
        mine.end();
      }
    }
  }

  private boolean isClosed() {
    return stop.getCount() == 0;
  }

  /** Copies what others may see; the leading thread. */
  void show() {
    Tenure now = tenure;
    if (now != null) {
      runViews = now.runViews();
      siloViews = now.siloViews();
    }
  }

  String federation() {
    return topics.federation();
  }

  /** Waits until requests are answered: until it leads. */
  public void awaitReady() throws InterruptedException {
    ready.await();
  }

  List<RunView> runViews() {
    leading();
    return runViews;
  }

  List<SiloView> siloViews() {
    leading();
    return siloViews;
  }

  private Tenure leading() {
    Tenure now = tenure;
    if (now == null) {
      throw new Refused(
          "the server " + node + " stands by and leads nobody; ask the one that does");
    }
    return now;
  }

  /** Does something between two records, on the leading thread. */
  void request(Runnable what) {
    leading().request(what);
  }

  /** Takes a job; the leading thread. */
  String submit(String yaml, String source) {
    Tenure now = leading();
    Job job = new JobReader(topics.federation(), local).read(yaml, source);
    List<PluginInfo> known = new ArrayList<>(plugins.infos());
    known.addAll(now.house().silos().plugins());
    new JobCheck(known).check(job);
    Rehearsal.of(job, plugins, now.silos(), now.house().silos().clients(now.silos()));
    String id =
        "r" + Long.toString(System.currentTimeMillis() / 1000, 36) + "-" + (now.runs().size() + 1);
    now.submit(id, job, yaml);
    return id;
  }

  /** What nodes are sent; the leading thread. */
  Publications publications() {
    return leading().publications();
  }

  /** Who did what; the leading thread. */
  Audit audit() {
    return leading().house().audit();
  }

  /** What did not count; the leading thread. */
  Quarantine quarantine() {
    return leading().house().quarantine();
  }

  void pause(String id) {
    leading().runs().get(id).pause();
  }

  void resume(String id) {
    leading().runs().get(id).resume();
  }

  void cancel(String id) {
    leading().runs().get(id).cancel();
  }

  /** The plugins of server and silos; the leading thread. */
  List<PluginView> pluginViews() {
    Silos silos = leading().house().silos();
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
    stop.countDown();
    Receiver reading = receiver;
    if (reading != null) {
      reading.wakeup();
    }
  }
}
