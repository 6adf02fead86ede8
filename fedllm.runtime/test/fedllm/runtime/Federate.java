package fedllm.runtime;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Refused;
import fedllm.api.run.RunView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.runtime.server.Server;
import fedllm.runtime.silo.Silo;
import fedllm.runtime.silo.SiloConfig;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A whole federation in this JVM, over a broker in memory. */
final class Federate implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Federate.class);
  private static final long PATIENCE_MS = 60_000;

  private final MemoryBroker broker;
  private final Path folder;
  private final Plugins plugins;
  private final List<AutoCloseable> workers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private Server server;
  private Thread serverThread;

  Federate(Path folder, Plugins plugins) {
    this.broker = new MemoryBroker();
    this.folder = folder;
    this.plugins = plugins;
  }

  Console server(long memoryBytes) throws InterruptedException {
    return server("server", "server", memoryBytes, new MemoryTransport(broker));
  }

  /** Starts a server of a name on a machine, and waits until it leads. */
  Console server(String name, String machine, long memoryBytes) throws InterruptedException {
    return server(name, machine, memoryBytes, new MemoryTransport(broker));
  }

  Console server(String name, String machine, long memoryBytes, Transport transport)
      throws InterruptedException {
    Server mine =
        new Server(
            "test", name, true, folder.resolve(machine), memoryBytes, transport, plugins, List::of);
    server = mine;
    workers.add(mine);
    serverThread = start(() -> liveOrDie(mine), machine);
    if (transport instanceof MortalTransport) {
      threads.remove(serverThread); // it may take its time to learn what happened
    }
    mine.awaitReady();
    return new Console(mine);
  }

  private static void liveOrDie(Server server) {
    try {
      server.run();
    } catch (Cancelled e) {
      LOG.info("a server was killed", e);
    }
  }

  /** A way to the log for a server that ends after so many records. */
  MortalTransport mortal(int records) {
    return new MortalTransport(new MemoryTransport(broker), records);
  }

  /**
   * Submits a job, and waits until its run ends or its server does; answers whether the run did.
   */
  static boolean endsBefore(MortalTransport mortal, Console console, String job)
      throws InterruptedException {
    Thread submitting = new Thread(() -> console.submit(job, "job.yaml"), "submit");
    submitting.setDaemon(true);
    submitting.start();
    while (!mortal.ended().await(10, TimeUnit.MILLISECONDS)) {
      List<RunView> runs = console.runs();
      if (!runs.isEmpty() && runs.get(0).state().ended()) {
        return true;
      }
    }
    return false;
  }

  void stopServer() throws InterruptedException {
    server.close();
    serverThread.join(PATIENCE_MS);
  }

  MemoryBroker broker() {
    return broker;
  }

  void silo(String name) {
    silo(name, new MemoryTransport(broker), plugins);
  }

  /** A gateway of so many clients. */
  void silo(String name, int clients) {
    silo(name, new MemoryTransport(broker), plugins, clients);
  }

  void silo(String name, Transport transport, Plugins itsPlugins) {
    silo(name, transport, itsPlugins, 0);
  }

  void silo(String name, Transport transport, Plugins itsPlugins, int clients) {
    workers.add(transport);
    Silo silo =
        new Silo(
            "test",
            name,
            folder.resolve(name),
            new SiloConfig("silo.yaml", Map.of(), Map.of()).gatewayOf(clients),
            transport,
            itsPlugins,
            () -> "");
    workers.add(silo);
    start(
        () -> {
          try {
            silo.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        name);
  }

  private Thread start(Runnable what, String name) {
    Thread thread = new Thread(what, name);
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
    return thread;
  }

  static RunView await(Console console, String run, Predicate<RunView> until)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + PATIENCE_MS * 1_000_000;
    Object tick = new Object();
    while (System.nanoTime() < end) {
      RunView view =
          console.runs().stream().filter(r -> r.id().equals(run)).findFirst().orElse(null);
      if (view != null && until.test(view)) {
        return view;
      }
      synchronized (tick) {
        tick.wait(10);
      }
    }
    throw new TimeoutException("the run is " + console.run(run));
  }

  /** Waits until a silo has sent an update, or did not long ago. */
  void awaitManifest(String silo) throws InterruptedException {
    try (MemoryTransport transport = new MemoryTransport(broker);
        Receiver receiver = transport.receiver()) {
      receiver.follow("fedllm.test.silo." + silo, 0);
      while (receiver.poll(100).stream()
          .noneMatch(record -> "manifest".equals(record.headers().get(Post.KIND)))) {
        Thread.onSpinWait();
      }
    }
  }

  /** Waits until the server has heard all that a silo wrote up to now. */
  void awaitHeard(Console console, String silo) throws InterruptedException {
    String mark = "mark " + System.nanoTime();
    Object tick = new Object();
    try (MemoryTransport transport = new MemoryTransport(broker);
        Sender sender = transport.sender()) {
      while (console.silos().stream().noneMatch(s -> s.doing().contains(mark))) {
        new Post(sender).word("fedllm.test.silo." + silo, new Word.Beat(Map.of("test", mark)));
        synchronized (tick) {
          tick.wait(10);
        }
      }
    }
  }

  /** Waits until a server stands by, who says so to whoever asks it. */
  static void awaitRefused(Console console) throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + PATIENCE_MS * 1_000_000;
    Object tick = new Object();
    while (System.nanoTime() < end) {
      try {
        console.runs();
      } catch (Refused e) {
        return;
      }
      synchronized (tick) {
        tick.wait(10);
      }
    }
    throw new TimeoutException("the server still leads");
  }

  /** Waits for the only run. */
  static RunView await(Console console, Predicate<RunView> until)
      throws InterruptedException, TimeoutException {
    return await(console, console.runs().get(0).id(), until);
  }

  static void awaitSilos(Console console, int count) throws InterruptedException {
    Object tick = new Object();
    while (console.silos().stream().filter(s -> s.state().equals("here")).count() < count) {
      synchronized (tick) {
        tick.wait(10);
      }
    }
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable worker : workers) {
      worker.close();
    }
    for (Thread thread : threads) {
      thread.join(PATIENCE_MS);
    }
  }
}
