package fedllm.itest;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import fedllm.codecs.bf16.Bf16;
import fedllm.codecs.errorfeedback.ErrorFeedback;
import fedllm.codecs.int8.Int8;
import fedllm.codecs.topk.TopK;
import fedllm.codecs.zstd.ZStd;
import fedllm.data.csv.Csv;
import fedllm.data.dirichlet.Dirichlet;
import fedllm.data.iid.Iid;
import fedllm.data.jsonl.Jsonl;
import fedllm.data.sharegpt.ShareGpt;
import fedllm.data.text.Text;
import fedllm.evaluators.perplexity.Perplexity;
import fedllm.learning.base.Bases;
import fedllm.models.llama.Llama;
import fedllm.peft.lora.Lora;
import fedllm.privacy.clip.Clip;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.runtime.server.Server;
import fedllm.runtime.silo.Silo;
import fedllm.runtime.silo.SiloConfig;
import fedllm.strategies.add.Add;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.strategies.synchronous.Synchronous;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import fedllm.trainers.adamw.AdamW;
import fedllm.trainers.causallm.CausalLm;
import fedllm.trainers.noise.Noise;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A federation in this JVM, without a framework, with the plugins of the house, over a broker in
 * memory. What silos write is overheard.
 */
final class PlainFederation implements AutoCloseable {

  static final String NAME = "test";

  private static final long STOP_MS = 30_000;

  private final MemoryBroker broker = new MemoryBroker();
  private final Plugins plugins;
  private final Path folder;
  private final boolean local;
  private final Queue<String> overheard = new ConcurrentLinkedQueue<>();
  private final List<AutoCloseable> workers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Console console;

  /** Starts a server; {@code more} are plugins beside those of every federation. */
  PlainFederation(Path folder, boolean local, Object... more) throws InterruptedException {
    this.plugins = plugins(more);
    this.folder = folder;
    this.local = local;
    Server server =
        new Server(
            NAME,
            "server",
            local,
            folder.resolve("server"),
            1 << 20,
            transport(),
            plugins,
            List::of);
    workers.add(server);
    start("server", server::run);
    server.awaitReady();
    console = new Console(server);
  }

  private static Plugins plugins(Object... more) {
    Bases bases = new Bases(List.of(new Llama()));
    List<Object> all = new ArrayList<>(List.of(more));
    all.addAll(
        List.of(
            new AdamW(bases),
            new CausalLm(),
            new Noise(),
            new Lora(),
            new FedAvg(),
            new Add(),
            new Everyone(),
            new Synchronous(),
            new Bf16(),
            new ErrorFeedback(),
            new Int8(),
            new TopK(),
            new ZStd(),
            new Clip(),
            new Csv(),
            new Jsonl(),
            new Text(),
            new ShareGpt(),
            new Iid(),
            new Dirichlet(),
            new Perplexity(bases)));
    return new FixedPlugins(all.toArray());
  }

  Plugins installed() {
    return plugins;
  }

  Console console() {
    return console;
  }

  Transport transport() {
    return new MemoryTransport(broker);
  }

  /** Starts a silo with the text of its silo.yaml. */
  void silo(String name, String yaml) throws Exception {
    Path file = Files.createDirectories(folder.resolve(name)).resolve("silo.yaml");
    Files.writeString(file, yaml);
    Silo silo =
        new Silo(
            NAME,
            name,
            folder.resolve(name).resolve("state"),
            local ? SiloConfig.read(file).tellingFiles() : SiloConfig.read(file),
            new Overheard(transport()),
            plugins,
            () -> "");
    run(name, silo, silo::run);
  }

  interface Work {
    void run() throws InterruptedException;
  }

  /** Lets a participant work on a thread of its own until it is closed. */
  void run(String name, AutoCloseable worker, Work work) {
    workers.add(worker);
    start(
        name,
        () -> {
          try {
            work.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    threads.add(thread);
    thread.start();
  }

  void awaitSilos(int count) {
    Await.until(
        count + " silos do not join",
        () -> console.silos().stream().filter(s -> s.state().equals("here")).count() == count);
  }

  /** Submits a job and waits for its end. */
  RunView outcome(String job) {
    String id = console.submit(job, "job.yaml");
    Await.until("the run has no end: " + console.run(id), () -> console.run(id).state().ended());
    return console.run(id);
  }

  /** The one reason why a silo is absent from every round. */
  static String reason(RunView run, String silo) {
    Set<String> reasons = new TreeSet<>();
    for (RoundView round : run.rounds().subList(1, run.rounds().size())) {
      reasons.add(String.valueOf(round.absent().get(silo)));
    }
    String reason = String.join(" | ", reasons);
    System.out.println(silo + " → " + reason);
    return reason;
  }

  /** Headers and bodies of all that silos ever wrote, byte by byte. */
  Collection<String> overheard() {
    return overheard;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable worker : workers) {
      worker.close();
    }
    for (Thread thread : threads) {
      thread.join(STOP_MS);
    }
  }

  private final class Overheard implements Transport {

    private final Transport to;

    Overheard(Transport to) {
      this.to = to;
    }

    @Override
    public Sender sender() {
      Sender sender = to.sender();
      return new Sender() {
        @Override
        public CompletableFuture<Long> send(
            String topic, Map<String, String> headers, byte[] body) {
          overheard.add(topic + headers + new String(body, StandardCharsets.ISO_8859_1));
          return sender.send(topic, headers, body);
        }

        @Override
        public void close() {
          sender.close();
        }
      };
    }

    @Override
    public void create(String topic) {
      to.create(topic);
    }

    @Override
    public Set<String> topics(String prefix) {
      return to.topics(prefix);
    }

    @Override
    public void delete(Collection<String> topics) {
      to.delete(topics);
    }

    @Override
    public void forget(String topic, long beforeOffset) {
      to.forget(topic, beforeOffset);
    }

    @Override
    public Receiver receiver() {
      return to.receiver();
    }

    @Override
    public Traffic traffic() {
      return to.traffic();
    }

    @Override
    public void close() {
      to.close();
    }
  }
}
