package fedllm.bench.rounds;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.cli.broker.Broker;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * The floor under a round: one state goes down through the broker and every silo reads it, then
 * each silo's chunks go up and one reader gets them all. Nobody trains, codes, hashes or folds.
 */
public final class BareRound implements AutoCloseable {

  private static final int MB = 1 << 20;
  private static final int RANDOM_CHUNKS = 64;

  private final Transport transport;
  private final Receiver receiver;
  private final List<ProcessHandle> processes;
  private final List<String> topics = new ArrayList<>();
  private final List<Sender> senders = new ArrayList<>();
  private final List<Receiver> silos = new ArrayList<>();
  private final String broadcast = "bare." + System.nanoTime() + ".broadcast";
  private final Sender server;
  private final List<byte[]> chunks = new ArrayList<>();

  /** One for each silo: a pool as large as the machine would let silos wait for each other. */
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Makes everything that is there before a run's first round: connections, topics, the noise. */
  public BareRound(Broker broker, int silos, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("bootstrap.servers", broker.bootstrap());
    transport = new KafkaTransportFactory().open(all);
    processes = List.of(ProcessHandle.current(), broker.process());
    receiver = transport.receiver();
    Random random = new Random(7);
    for (int i = 0; i < RANDOM_CHUNKS; i++) {
      byte[] chunk = new byte[Transport.CHUNK_BYTES];
      random.nextBytes(chunk);
      chunks.add(chunk);
    }
    transport.create(broadcast);
    server = transport.sender();
    server.send(broadcast, Map.of("kind", "BEGIN"), new byte[0]).join();
    for (int silo = 0; silo < silos; silo++) {
      String topic = "bare." + System.nanoTime() + "." + silo;
      transport.create(topic);
      Sender sender = transport.sender();
      sender.send(topic, Map.of("kind", "BEGIN"), new byte[0]).join();
      receiver.follow(topic, receiver.end(topic));
      topics.add(topic);
      senders.add(sender);
      Receiver down = transport.receiver();
      down.follow(broadcast, down.end(broadcast));
      this.silos.add(down);
    }
  }

  /** One round, with so many bytes to and from each silo; only those from silos count. */
  public Figures of(int bytesOfEach) {
    int count = bytesOfEach / Transport.CHUNK_BYTES;
    long all = (long) count * topics.size() * Transport.CHUNK_BYTES;
    Figures figures =
        Figures.of(
            all,
            processes,
            () -> {
              List<CompletableFuture<?>> sent = new ArrayList<>();
              for (int silo = 0; silo < topics.size(); silo++) {
                int own = silo;
                sent.add(CompletableFuture.runAsync(() -> round(own, count), threads));
              }
              sent.add(send(server, broadcast, count));
              long left = all;
              while (left > 0) {
                for (Record record : receiver.poll(1000)) {
                  left -= record.body().remaining();
                }
              }
              sent.forEach(CompletableFuture::join);
            });
    transport.forget(broadcast, receiver.end(broadcast));
    for (String topic : topics) {
      transport.forget(topic, receiver.end(topic));
    }
    return figures;
  }

  private void round(int silo, int count) {
    for (int left = count; left > 0; ) {
      left -= silos.get(silo).poll(1000).size();
    }
    send(senders.get(silo), topics.get(silo), count).join();
  }

  private CompletableFuture<Long> send(Sender sender, String topic, int count) {
    CompletableFuture<Long> last = null;
    for (int i = 0; i < count; i++) {
      Map<String, String> headers = Map.of("kind", "CHUNK", "chunk", i + "/" + count);
      last = sender.send(topic, headers, chunks.get(i % RANDOM_CHUNKS));
    }
    return last;
  }

  @Override
  public void close() {
    threads.shutdown();
    senders.forEach(Sender::close);
    server.close();
    silos.forEach(Receiver::close);
    receiver.close();
    transport.delete(topics);
    transport.delete(List.of(broadcast));
    transport.close();
  }

  /** Prints a table; arguments are settings of the Kafka client, such as {@code linger.ms=5}. */
  public static void main(String[] args) throws IOException {
    Map<String, String> settings = new HashMap<>();
    for (String setting : args) {
      settings.put(
          setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
    }
    Path folder = Files.createTempDirectory("fedllm-bare");
    Figures tcp = Figures.median(5, () -> LoopbackCopy.of(1L << 30));
    System.out.println("raw loopback TCP        " + tcp);
    try (Broker broker = Broker.start(folder)) {
      print(broker, settings, 1, 16 * MB, 9, tcp);
      print(broker, settings, 1, 128 * MB, 5, tcp);
      print(broker, settings, 4, 1 * MB, 9, tcp);
      print(broker, settings, 4, 128 * MB, 5, tcp);
    }
    // What went wrong would be in there.
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private static void print(
      Broker broker, Map<String, String> settings, int silos, int bytes, int times, Figures tcp) {
    try (BareRound round = new BareRound(broker, silos, settings)) {
      Figures figures = Figures.median(times, () -> round.of(bytes));
      System.out.printf(
          "Kafka, %d silos x %3d MB  %s, %.2f of TCP%n",
          silos, bytes / MB, figures, figures.megabytesPerSecond() / tcp.megabytesPerSecond());
    }
  }
}
