package fedllm.runtime.silo;

import fedllm.api.run.BundleState;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Terms;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.Plugins;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A participant: follows the control topic from its beginning and gives each run a desk, on the
 * thread that calls {@link #run}; the desks work on their own, and its heart beats on its own.
 */
public final class Silo implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Silo.class);
  private static final long LOOK_MS = 200;

  private final String name;
  private final Path state;
  private final SiloConfig config;
  private final Topics topics;
  private final Transport transport;
  private final Plugins plugins;
  private final Map<String, Known> runs = new ConcurrentSkipListMap<>();
  private final AtomicBoolean pluginsChanged = new AtomicBoolean();
  private final Terms terms = new Terms();
  private volatile boolean closed;
  private final Supplier<String> compute;
  private final SiloKey key;
  private final Supplier<List<BundleState>> bundles;
  private List<BundleState> told = List.of();
  private volatile boolean joined;

  /** What the log says of a run that has not ended. */
  private static final class Known {
    final Event.Submitted job;

    /** The newest order for this silo that nothing has ended and no desk has taken. */
    Event.Ordered newest;

    volatile Desk desk;

    Known(Event.Submitted job) {
      this.job = job;
    }
  }

  /**
   * Made, not yet running.
   *
   * @param state a directory of its own, for private state between rounds
   */
  public Silo(
      String federation,
      String name,
      Path state,
      SiloConfig config,
      Transport transport,
      Plugins plugins,
      Supplier<String> compute) {
    this(federation, name, state, config, transport, plugins, compute, List::of);
  }

  /**
   * Made, not yet running.
   *
   * @param bundles how published bundles stand here
   */
  public Silo(
      String federation,
      String name,
      Path state,
      SiloConfig config,
      Transport transport,
      Plugins plugins,
      Supplier<String> compute,
      Supplier<List<BundleState>> bundles) {
    this.bundles = bundles;
    Topics.checkName("the silo", name);
    this.compute = compute;
    this.name = name;
    this.state = state;
    this.key = SiloKey.in(state);
    this.config = config;
    this.topics = new Topics(federation);
    this.transport = transport;
    this.plugins = plugins;
    plugins.onChange(() -> pluginsChanged.set(true));
  }

  /** Whether it has said that it is there. */
  public boolean joined() {
    return joined;
  }

  /** Takes part until {@link #close}. */
  public void run() throws InterruptedException {
    awaitServer();
    transport.create(topics.silo(name));
    try (Sender sender = transport.sender();
        Receiver receiver = transport.receiver()) {
      takePart(receiver, new Post(sender));
    }
  }

  private void takePart(Receiver receiver, Post post) {
    try {
      receiver.follow(topics.control(), 0);
      long seenUntil = receiver.end(topics.control());
      join(post);
      follow(receiver, post, seenUntil);
      post.word(topics.silo(name), new Word.Left());
    } finally { // before the sender goes
      runs.values().stream().filter(k -> k.desk != null).forEach(k -> k.desk.close());
    }
  }

  private void follow(Receiver receiver, Post post, long seenUntil) {
    boolean caughtUp = seenUntil == 0;
    try (Heart heart = new Heart(transport, topics.silo(name), this::doing)) {
      while (!closed) {
        List<Record> records = receiver.poll(LOOK_MS);
        for (Record record : records) {
          hear(record, post);
          caughtUp |= record.offset() + 1 >= seenUntil;
        }
        if (caughtUp || records.isEmpty()) { // what came after an order may have ended it
          caughtUp = true;
          runs.values().forEach(known -> act(known, post));
        }
        if (pluginsChanged.getAndSet(false)) {
          join(post);
          runs.values().stream().filter(k -> k.desk != null).forEach(k -> k.desk.pluginsChanged());
        }
        tellBundles(post);
      }
    }
  }

  private void awaitServer() throws InterruptedException {
    try (Receiver waiting = transport.receiver()) {
      while (!closed && !transport.exists(topics.control())) {
        waiting.poll(LOOK_MS);
      }
    }
  }

  private void join(Post post) {
    String host =
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores, Java "
            + Runtime.version().feature()
            + compute.get();
    post.word(
        topics.silo(name), new Word.Joined(host, plugins.infos(), key.shown(), config.clients()));
    told = List.of(); // a server that starts knows nothing
    joined = true;
  }

  private void tellBundles(Post post) {
    List<BundleState> now = bundles.get();
    if (!now.equals(told)) {
      post.word(topics.silo(name), new Word.Bundles(now));
      told = now;
    }
  }

  private Map<String, String> doing() {
    Map<String, String> doing = new HashMap<>();
    runs.forEach(
        (run, known) -> {
          Desk desk = known.desk;
          if (desk != null) {
            doing.put(run, desk.doing());
          }
        });
    return doing;
  }

  private void hear(Record record, Post post) {
    Event event;
    try {
      event = Json.read(Event.class, record.body());
    } catch (IOException e) {
      LOG.warn("{}@{} is not understood and passed over", record.topic(), record.offset(), e);
      return;
    }
    if (!terms.counts(record, event)) {
      return;
    }
    if (event instanceof Event.Leads) {
      join(post);
    } else if (event instanceof Event.Submitted submitted) {
      runs.put(submitted.run(), new Known(submitted));
    } else if (event instanceof Event.Ordered ordered
        && runs.containsKey(ordered.attempt().run())) {
      hear(ordered, runs.get(ordered.attempt().run()));
    } else if (event instanceof Event.Closed closing && runs.containsKey(closing.attempt().run())) {
      hear(closing, runs.get(closing.attempt().run()));
    } else if (event instanceof Event.Said said && said.state().ended()) {
      Known known = runs.remove(said.run());
      if (known != null && known.desk != null) {
        known.desk.close();
      }
    }
  }

  /** Whoever goes on with an older order has nothing to do for a newer one that says so. */
  private void hear(Event.Ordered order, Known known) {
    Event.Asked asked = order.clients().get(name);
    if (asked == null) {
      over(order.attempt(), known);
    } else if (asked.still() == null) {
      known.newest = order;
    }
  }

  private void hear(Event.Closed closing, Known known) {
    if (!closing.late().contains(name)) {
      over(closing.attempt(), known);
    }
  }

  /** Nothing is wanted any more of what was asked up to an order. */
  private static void over(Attempt attempt, Known known) {
    if (known.newest != null && known.newest.attempt().number() <= attempt.number()) {
      known.newest = null;
    }
    if (known.desk != null) {
      known.desk.closed(attempt);
    }
  }

  /** Takes up a run's newest order, unless its round is over. */
  private void act(Known known, Post post) {
    Event.Ordered order = known.newest;
    if (order == null) {
      return;
    }
    known.newest = null;
    if (known.desk == null) {
      try {
        known.desk =
            new Desk(
                name,
                new JobReader(topics.federation(), true).read(known.job.job(), known.job.source()),
                known.job.run(),
                config,
                state.resolve("runs").resolve(known.job.run()),
                key,
                topics,
                transport,
                post,
                plugins);
      } catch (RuntimeException e) {
        LOG.error("run {} cannot be taken up", known.job.run(), e);
        post.word(
            topics.silo(name),
            new Word.Out(order.attempt(), "it cannot read the job: " + e.getMessage()));
        return;
      }
    }
    known.desk.take(order);
  }

  @Override
  public void close() {
    closed = true;
  }
}
