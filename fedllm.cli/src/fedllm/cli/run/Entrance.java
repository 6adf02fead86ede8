package fedllm.cli.run;

import fedllm.api.error.Ends;
import fedllm.api.error.Refused;
import fedllm.cli.broker.Broker;
import fedllm.cli.job.Job;
import fedllm.cli.node.ClientProperties;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Where the nodes of a federation on this machine meet: a broker that the job names, or one that is
 * started here, open or guarded. Used by one thread.
 */
final class Entrance implements AutoCloseable {

  /** Nodes start beside their broker, which on a very busy machine may be last by a minute. */
  private static final String STARTS_WITHIN_MS = "180000";

  private final Job job;
  private final Path work;
  private final Workspace workspace;
  private final Links links;
  private CompletableFuture<Broker> broker = CompletableFuture.completedFuture(null);
  private Admission admission;

  Entrance(Job job, Path work, Workspace workspace, Links links) {
    if (links.secure() && job.bootstrap() != null) {
      throw new Refused("--secure is about the broker that run brings; the job names its own");
    }
    if (links.kafka() != null && job.bootstrap() == null) {
      throw new Refused("--kafka is about a broker that the job names by bootstrap; it names none");
    }
    this.job = job;
    this.work = work;
    this.workspace = workspace;
    this.links = links;
  }

  /** Begins to start what has to be started; nodes may start meanwhile. */
  void open(List<String> silos) throws IOException {
    if (links.secure()) {
      admission = new Admission(job.federation(), work, workspace);
      broker = CompletableFuture.completedFuture(admission.broker());
      admission.admit(true, silos);
      return;
    }
    Properties properties = ClientProperties.read(links.kafka(), String.valueOf(job.bootstrap()));
    if (job.bootstrap() == null) {
      int port = Broker.freePort();
      broker = CompletableFuture.supplyAsync(() -> Broker.start(work.resolve("broker"), port));
      properties.setProperty("bootstrap.servers", "127.0.0.1:" + port);
      properties.setProperty("default.api.timeout.ms", STARTS_WITHIN_MS);
    }
    ClientProperties.write(properties, common());
  }

  /** Lets one more silo in. */
  void admit(String silo) throws IOException {
    if (admission != null) {
      admission.admit(false, List.of(silo));
    }
  }

  /** What a node needs to come in, in a file. */
  Path key(String role, String name) throws IOException {
    if (admission == null) {
      return common();
    }
    return role.equals("server") ? admission.server() : admission.silo(name);
  }

  private Path common() {
    return work.resolve("kafka.properties");
  }

  /** Waits for the broker; answers false where another program took its port. */
  boolean isOpen() {
    try {
      broker.join();
      return true;
    } catch (CompletionException e) {
      if (e.getCause() instanceof Broker.PortTaken) {
        return false;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Without a broker nobody goes on. */
  void refuseDead() {
    Broker started = broker.getNow(null);
    if (started != null && !started.process().isAlive()) {
      throw new Ends("the broker ended; why may be in " + work.resolve("broker/broker.log"));
    }
  }

  /** The broker that was started here, or null. */
  Broker broker() {
    return broker.exceptionally(e -> null).join();
  }

  @Override
  public void close() {
    Broker started = broker();
    if (started != null) {
      started.close();
    }
  }
}
