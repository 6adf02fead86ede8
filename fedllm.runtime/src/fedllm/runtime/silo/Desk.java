package fedllm.runtime.silo;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.api.error.Unreachable;
import fedllm.api.planner.Task;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Progress;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Work;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import fedllm.runtime.job.Job;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.MissingPlugin;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.wire.FrameEncoder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a silo works for one run: one order after the other, on one thread, a newer one before what
 * is left of an older. It answers every order: with an update, a report, or why it sits out.
 */
final class Desk implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Desk.class);

  /** How long a silo waits for a plugin that the server has already. */
  private static final long PLUGIN_WAIT_MS = 10_000;

  /** How often it looks meanwhile. */
  private static final long LOOK_MS = 50;

  private final String client;
  private final Topics topics;
  private final Transport transport;
  private final Post post;
  private final Workers workers;
  private final SiloConfig config;
  private final Uploads uploads;
  private final Downloads downloads;
  private final ExecutorService thread;
  private final Object pluginsMoved = new Object();
  private Attempt last;
  private volatile Attempt wanted;
  private volatile String doing = "idle";
  private volatile boolean closed;

  Desk(
      String client,
      Job job,
      String run,
      SiloConfig config,
      Path state,
      SiloKey key,
      Topics topics,
      Transport transport,
      Post post,
      Plugins plugins) {
    this.client = client;
    this.topics = topics;
    this.transport = transport;
    this.post = post;
    this.config = config;
    this.workers = new Workers(client, job, run, config, state, plugins);
    this.uploads =
        new Uploads(post, topics.silo(client), new Seal(key, topics.federation(), client));
    this.downloads = new Downloads(transport, topics.broadcast());
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread t = new Thread(task, "fedllm-desk-" + run);
              t.setDaemon(true);
              return t;
            });
  }

  /** What it does, in words; any thread. */
  String doing() {
    return doing;
  }

  /** Takes an order; what is left of an older one is given up. */
  void take(Event.Ordered order) {
    wanted = order.attempt();
    thread.execute(() -> answer(order));
  }

  /** Whatever is still done for this order or an older one is given up. */
  void closed(Attempt attempt) {
    Attempt now = wanted;
    if (now != null && now.number() <= attempt.number()) {
      wanted = null;
    }
  }

  /** Plugins came or went: who waits for one looks again. */
  void pluginsChanged() {
    synchronized (pluginsMoved) {
      pluginsMoved.notifyAll();
    }
  }

  private void answer(Event.Ordered order) {
    Attempt attempt = order.attempt();
    Patience patience = new Patience(() -> check(attempt));
    try {
      while (attempt.equals(wanted)) {
        try {
          fulfil(order, order.clients().get(client), patience);
          return;
        } catch (Unreachable e) {
          LOG.warn("{} is taken up again when the broker is back: {}", attempt, e.getMessage());
          doing = "waits for the broker";
          patience.rest();
        }
      }
    } catch (Cancelled e) {
      LOG.info("{} is no longer wanted", attempt);
    } catch (SitsOut | Refused | MissingPlugin e) {
      LOG.warn("sits out {}: {}", attempt, e.getMessage());
      sitOut(attempt, config.outward(e.getMessage()));
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      if (closed) { // the sender may be, too
        LOG.debug("{} is given up", attempt, e);
      } else {
        LOG.error("sits out {}", attempt, e);
        // Its message may hold what must not leave.
        sitOut(attempt, "it failed with " + e.getClass().getName() + "; see the silo's log");
      }
    } finally {
      doing = "idle";
    }
  }

  private void sitOut(Attempt attempt, String reason) {
    try {
      post.word(topics.silo(client), new Word.Out(attempt, reason));
    } catch (RuntimeException e) {
      if (!closed) {
        throw e;
      }
      LOG.debug("{} is given up", attempt, e);
    }
  }

  private void fulfil(Event.Ordered order, Event.Asked asked, Patience patience) {
    Attempt attempt = order.attempt();
    Traffic before = transport.traffic();
    Supplier<Traffic> traffic = () -> transport.traffic().since(before);
    ReadBack said = readBack(attempt, asked, patience);
    if (said.answers(asked.tasks())) {
      return;
    }
    awaitWorkers(order, asked);
    workers.checkBase(order.base());
    Work work = new Work(attempt.round(), order.rounds(), asked.settings(), progress(attempt));
    if (asked.tasks().contains(Task.INITIALISE)) {
      doing = "makes the initial state";
      Start start = workers.training().initial();
      uploads.send(
          Uploads.Parcel.initial(attempt, start, workers.fingerprint()),
          FrameEncoder.plain(),
          said,
          Uploads.NO_MEMORY,
          traffic);
      return;
    }
    doing = "reads the global state";
    Tensors global = downloads.read(attempt, order.broadcast(), workers.down(), patience);
    if (asked.tasks().contains(Task.EVALUATE) && !said.reported()) {
      Map<String, Double> metrics = workers.evaluate(work, global);
      post.word(topics.silo(client), new Word.Report(attempt, metrics));
    }
    if (asked.tasks().contains(Task.TRAIN)) {
      workers.begin();
      if (config.clients() > 0) {
        deliver(attempt, work, global, traffic);
        return;
      }
      Learned learned = workers.train(work, global);
      check(attempt);
      doing = "uploads";
      Guarded.pass(workers.watches(), client, attempt.round(), learned.update());
      uploads.send(
          Uploads.Parcel.update(attempt, learned, workers.fingerprint(), workers.afresh()),
          workers.up(),
          said,
          workers.memory(attempt.round()),
          traffic);
    }
  }

  /** A gateway's answer; what an earlier process began of it does not count, and is sent anew. */
  private void deliver(Attempt attempt, Work work, Tensors global, Supplier<Traffic> traffic) {
    Gateway gateway = new Gateway(client, config.clients(), workers);
    int count = gateway.count(work);
    Word.Begin begin = new Word.Begin(attempt, Task.TRAIN, count, workers.fingerprint(), count);
    Delivery delivery = new Delivery(post, topics.silo(client), begin);
    Map<String, Double> metrics = gateway.deliver(work, global, workers.scope(), delivery);
    doing = "uploads";
    uploads.end(begin, delivery.end(metrics, traffic.get().sent(), traffic.get().received()));
  }

  /** The first order that this process takes may be one that an earlier process began to answer. */
  private ReadBack readBack(Attempt attempt, Event.Asked asked, Patience patience) {
    if (last != null && !last.equals(attempt)) {
      last = attempt;
      return ReadBack.nothing(attempt);
    }
    doing = "reads back what it sent before";
    String topic = topics.silo(client);
    Word.Beat mark = new Word.Beat(Map.of(attempt.run(), doing));
    long until = patience.ask("write to " + topic, () -> post.word(topic, mark));
    ReadBack said = ReadBack.of(transport, topic, attempt, asked.from(), until, patience);
    last = attempt;
    return said;
  }

  private Progress progress(Attempt attempt) {
    return (what, done, of) -> {
      check(attempt);
      doing = what + " " + done + (of > 0 ? " of " + of : "");
    };
  }

  private void check(Attempt attempt) {
    if (!attempt.equals(wanted)) {
      throw new Cancelled(attempt + " is no longer wanted");
    }
  }

  /** The server may see a new plugin a moment earlier than this silo does. */
  private void awaitWorkers(Event.Ordered order, Event.Asked asked) {
    long until = System.nanoTime() + PLUGIN_WAIT_MS * 1_000_000;
    while (true) {
      try {
        workers.prepare(order.plugins(), asked.counted());
        return;
      } catch (MissingPlugin e) {
        check(order.attempt());
        long leftMs = (until - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0) {
          throw e;
        }
        doing = "waits for " + e.kind() + " " + e.name();
        synchronized (pluginsMoved) {
          try {
            pluginsMoved.wait(Math.min(leftMs, LOOK_MS));
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Cancelled("the silo stops");
          }
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    wanted = null;
    thread.execute(workers::close);
    thread.execute(downloads::close);
    thread.shutdown();
  }
}
