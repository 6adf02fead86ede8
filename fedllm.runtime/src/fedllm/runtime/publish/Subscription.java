package fedllm.runtime.publish;

import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.run.BundleState;
import fedllm.api.run.BundleView;
import fedllm.api.run.Bundles;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.bundle.Gate;
import fedllm.runtime.message.Notice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a node's plugins folder what the topic of bundles says and the gate allows, on a thread of
 * its own: the topic is read from its beginning at each start, so that who was away misses nothing.
 */
public final class Subscription implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);
  private static final long LOOK_MS = 200;

  /** When a folder that could not be written is tried again. */
  private static final long RETRY_NS = 30_000_000_000L;

  private final Transport transport;
  private final String topic;
  private final Path folder;
  private final String node;
  private final Gate gate;
  private final Bundles installed;
  private final Catalogue catalogue = new Catalogue();
  private final Map<String, Tried> tried = new HashMap<>();
  private final Set<String> seen = new HashSet<>();
  private final Thread thread;
  private String lastFailure = "";
  private volatile boolean closed;
  private volatile List<BundleState> states = List.of();

  /** What came of the last try to follow a notice; {@code says} is null where it was followed. */
  private record Tried(Notice notice, int generation, String says, long againNs) {}

  /**
   * Begins to follow the topic, once there is one.
   *
   * @param folder where bundles go
   * @param node the node's name
   * @param installed what the folder's installer made of them
   */
  public Subscription(
      Transport transport, String topic, Path folder, String node, Gate gate, Bundles installed) {
    this.transport = transport;
    this.topic = topic;
    this.folder = folder;
    this.node = node;
    this.gate = gate;
    this.installed = installed;
    thread = new Thread(this::live, "fedllm-bundles");
    thread.setDaemon(true);
    thread.start();
  }

  /** How all that was ever published stands here; any thread. */
  public List<BundleState> states() {
    return states;
  }

  private void live() {
    while (!closed) {
      try (Receiver receiver = transport.receiver()) {
        if (transport.topics(topic).contains(topic)) {
          follow(receiver, new Delivery(transport, topic, folder, node, gate));
        } else {
          receiver.poll(LOOK_MS);
        }
      } catch (Unreachable e) {
        LOG.debug("published bundles cannot be read now", e);
      } catch (IOException
          | RuntimeException e) { // such as a right that it lacks; no bundle ends it
        failed(e);
      }
      pause();
    }
  }

  /** Said once, however often it is tried. */
  private void failed(Exception e) {
    String why = e.toString();
    if (!closed && !why.equals(lastFailure)) {
      LOG.error("published bundles are not followed, and tried again: {}", e.getMessage(), e);
    }
    lastFailure = why;
  }

  private void pause() {
    try {
      Thread.sleep(LOOK_MS);
    } catch (InterruptedException e) {
      closed = true;
      Thread.currentThread().interrupt();
    }
  }

  private void follow(Receiver receiver, Delivery delivery) {
    receiver.follow(topic, 0);
    long seenUntil = receiver.end(topic);
    boolean caughtUp = seenUntil == 0;
    while (!closed) {
      List<Record> records = receiver.poll(LOOK_MS);
      for (Record record : records) {
        catalogue.take(record);
        caughtUp |= record.offset() + 1 >= seenUntil;
      }
      if (caughtUp || records.isEmpty()) { // what comes later may take it back
        caughtUp = true;
        List<BundleState> now = new ArrayList<>();
        catalogue.notices().forEach(notice -> now.add(settle(notice, delivery)));
        states = List.copyOf(now);
      }
    }
  }

  /** Does what a notice asks for, where it is not done, and says how it stands. */
  private BundleState settle(Notice notice, Delivery delivery) {
    Tried last = tried.get(notice.bundle());
    if (last == null
        || !last.notice().equals(notice)
        || last.generation() != gate.generation() && last.says() != null
        || last.againNs() != 0 && System.nanoTime() - last.againNs() > 0) {
      last = attempt(notice, delivery);
      tried.put(notice.bundle(), last);
    }
    if (notice instanceof Notice.Published published) {
      return here(published, last.says());
    }
    String says = last.says() == null ? "" : last.says();
    return new BundleState(notice.name(), notice.version(), "", BundleState.GONE, says);
  }

  private Tried attempt(Notice notice, Delivery delivery) {
    int generation = gate.generation();
    try {
      if (!(notice instanceof Notice.Published published)) {
        delivery.remove(notice);
        LOG.info("{} was withdrawn by {}", notice.bundle(), notice.by());
      } else if (view(published).isEmpty()) {
        delivery.install(published);
        LOG.info("{} was published by {} and is let in", notice.bundle(), notice.by());
      }
      return new Tried(notice, generation, null, 0);
    } catch (Refused e) {
      LOG.warn("{}, published by {}, is refused: {}", notice.bundle(), notice.by(), e.getMessage());
      return new Tried(notice, generation, e.getMessage(), 0);
    } catch (IOException e) {
      LOG.error("{} cannot be laid into {}; tried again soon", notice.bundle(), folder, e);
      return new Tried(
          notice,
          generation,
          "its folder cannot be written; see its log",
          System.nanoTime() + RETRY_NS);
    }
  }

  private Optional<BundleView> view(Notice.Published published) {
    return installed.bundles().stream()
        .filter(b -> b.sha256().equals(published.sha256()))
        .findFirst();
  }

  private BundleState here(Notice.Published published, String refused) {
    String state = refused == null ? BundleState.ARRIVES : BundleView.REFUSED;
    String says = refused == null ? "" : refused;
    Optional<BundleView> view = view(published);
    if (view.isPresent()) {
      seen.add(published.sha256());
      state = view.get().state();
      says = state.equals(BundleView.RUNS) ? "" : view.get().says();
    }
    if (view.isEmpty() && refused == null && seen.contains(published.sha256())) {
      state = BundleState.GONE;
      says = "somebody took it out of the folder";
    }
    return new BundleState(published.name(), published.version(), published.sha256(), state, says);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(5 * LOOK_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
