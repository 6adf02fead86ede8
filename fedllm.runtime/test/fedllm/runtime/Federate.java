package fedllm.runtime;

import fedllm.api.run.RunView;
import fedllm.api.transport.Transport;
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
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** A whole federation in this JVM, over a broker in memory. */
final class Federate implements AutoCloseable {

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
    server =
        new Server(
            "test",
            true,
            folder.resolve("server"),
            memoryBytes,
            new MemoryTransport(broker),
            plugins);
    Server mine = server;
    serverThread = start(mine::run, "server");
    server.awaitReady();
    return new Console(server);
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

  void silo(String name, Transport transport, Plugins itsPlugins) {
    workers.add(transport);
    Silo silo =
        new Silo(
            "test",
            name,
            folder.resolve(name),
            new SiloConfig("silo.yaml", Map.of(), Map.of()),
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
    if (server != null) {
      server.close();
    }
    for (Thread thread : threads) {
      thread.join(PATIENCE_MS);
    }
  }
}
