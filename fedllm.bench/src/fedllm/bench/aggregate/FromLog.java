package fedllm.bench.aggregate;

import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.bench.Row;
import fedllm.bench.rounds.Figures;
import fedllm.cli.broker.Broker;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsWriter;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Post;
import fedllm.runtime.server.Arrival;
import fedllm.runtime.server.Fold;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.PayloadWriter;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Updates that lie in a broker's log and nowhere else, folded by the server's own two passes. The
 * reference is a reader of the same topics that looks at nothing, in turns with the folds; speeds
 * are bytes that came from the broker by seconds. Memory is what is reachable in the midst of a
 * fold and was not before.
 */
final class FromLog implements AutoCloseable {

  private static final int TIMES = 5;
  private static final Attempt ATTEMPT = new Attempt("bench", 1, 1);

  private final Path folder = Files.createTempDirectory("fedllm-aggregate");
  private final Broker broker = Broker.start(folder.resolve("broker"));
  private final Transport transport =
      new KafkaTransportFactory().open(Map.of("bootstrap.servers", broker.bootstrap()));
  private final List<ProcessHandle> processes = List.of(ProcessHandle.current());
  private final List<Member> members = new ArrayList<>();
  private final List<String> topics = new ArrayList<>();
  private final List<Arrival> arrivals = new ArrayList<>();
  private final Schema schema;
  private final Round round;

  FromLog(int clients, int megabytes) throws IOException {
    schema =
        new Schema(
            List.of(
                new Tensor("m.0", "w", List.of((long) megabytes << 17)),
                new Tensor("m.1", "w", List.of((long) megabytes << 17))));
    for (int i = 0; i < clients; i++) {
      String topic = "bench." + i;
      Member member = new Member("client-" + i, 100 + i);
      upload(topic, i);
      members.add(member);
      topics.add(topic);
      arrivals.add(Arrival.inLog(ATTEMPT, member, topic, 0, schema));
    }
    round = new Round(1, members, schema, new Scope("bench", "server", 1));
    try (SafetensorsWriter zeros = new SafetensorsWriter(before(), schema, Map.of())) {
      for (Tensor tensor : schema.tensors()) {
        for (int i = 0; i < Unit.blocks(tensor); i++) {
          zeros.write(Unit.block(tensor, i), new float[Unit.MAX_VALUES]);
        }
      }
      zeros.appear();
    }
  }

  private Path before() {
    return folder.resolve("before.safetensors");
  }

  private void upload(String topic, int seed) throws IOException {
    transport.create(topic);
    SplittableRandom random = new SplittableRandom(seed);
    List<CompletableFuture<Long>> sent = new ArrayList<>();
    try (Sender sender = transport.sender()) {
      sender.send(topic, Map.of("kind", "begin"), new byte[0]).join();
      Post post = new Post(sender);
      new PayloadWriter(FrameEncoder.plain())
          .write(
              1,
              schema,
              (unit, values) -> {
                for (int i = 0; i < unit.length(); i++) {
                  values[i] = (float) random.nextDouble() - 0.5f;
                }
              },
              Map.of(),
              chunk -> sent.add(post.chunk(topic, ATTEMPT, sent.size(), "", chunk)));
      sent.forEach(CompletableFuture::join);
    }
  }

  List<Row> measure(String name, AggregationStrategy strategy, Options options) {
    List<Figures> reads = new ArrayList<>();
    List<Figures> folds = new ArrayList<>();
    for (int i = -1; i < TIMES; i++) {
      Figures read = counted(this::read);
      Figures fold = counted(() -> fold(strategy, options, strategy.open(options, round)));
      if (i >= 0) {
        reads.add(read);
        folds.add(fold);
      }
    }
    Live live = new Live(strategy.open(options, round));
    fold(strategy, options, live);
    double chunks = (double) live.most() / arrivals.size() / Transport.CHUNK_BYTES;
    Figures read = median(reads);
    Figures fold = median(folds);
    return List.of(
        new Row(name + ".MBps", fold.megabytesPerSecond(), "MB/s", read.megabytesPerSecond()),
        new Row(
            name + ".cpuSecondsPerGB",
            fold.cpuSecondsPerGigabyte(),
            "CPU-s/GB",
            read.cpuSecondsPerGigabyte()),
        new Row(name + ".chunksPerClient", chunks, "chunks", 3));
  }

  private Figures counted(Runnable work) {
    long before = transport.traffic().received();
    Figures figures = Figures.of(0, processes, work);
    long bytes = transport.traffic().received() - before;
    return new Figures(figures.seconds(), bytes, figures.cpuSeconds());
  }

  private static Figures median(List<Figures> all) {
    return all.stream()
        .sorted(Comparator.comparingDouble(f -> f.seconds() / f.bytes()))
        .toList()
        .get(all.size() / 2);
  }

  private void read() {
    try (Receiver receiver = transport.receiver()) {
      long left = 0;
      for (String topic : topics) {
        receiver.follow(topic, 1);
        left += receiver.end(topic) - 1;
      }
      while (left > 0) {
        left -= receiver.poll(1000).size();
      }
    }
  }

  private void fold(AggregationStrategy strategy, Options options, Aggregation aggregation) {
    Fold fold =
        new Fold(round, arrivals, new Choice<>(strategy, options), FrameDecoder::plain, transport);
    Descent add =
        (unit, global, update, next) -> {
          for (int i = 0; i < unit.length(); i++) {
            next[i] = global[i] + update[i];
          }
        };
    try (SafetensorsFile before = SafetensorsFile.open(before());
        SafetensorsWriter after =
            new SafetensorsWriter(folder.resolve("after.safetensors"), schema, Map.of())) {
      fold.next(add);
      fold.survey(aggregation);
      fold.fold(aggregation, List.of(), add, before, after);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Looks now and then how much is reachable while another aggregation works. */
  private static final class Live implements Aggregation {

    private static final int EVERY = 37;

    private final Aggregation of;
    private final long before = used();
    private long most;
    private int units;

    Live(Aggregation of) {
      this.of = of;
    }

    long most() {
      return most - before;
    }

    private static long used() {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      return runtime.totalMemory() - runtime.freeMemory();
    }

    private void look() {
      if (units++ % EVERY == EVERY / 2) {
        most = Math.max(most, used());
      }
    }

    @Override
    public boolean surveys() {
      return of.surveys();
    }

    @Override
    public void survey(Unit unit, Iterable<Part> parts) {
      of.survey(unit, parts);
      look();
    }

    @Override
    public void fold(Unit unit, Iterable<Part> parts, Block out) {
      of.fold(unit, parts, out);
      look();
    }
  }

  @Override
  public void close() throws IOException {
    transport.close();
    broker.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
