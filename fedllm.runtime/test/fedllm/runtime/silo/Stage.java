package fedllm.runtime.silo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.codecs.errorfeedback.ErrorFeedback;
import fedllm.codecs.topk.TopK;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.wire.Blocks;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.Payload;
import fedllm.runtime.wire.PayloadWriter;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** One desk and its log, and a test in the server's place. */
final class Stage {

  static final Topics TOPICS = new Topics("test");
  static final String TOPIC = TOPICS.silo("a");
  static final Set<Task> ALL = Set.of(Task.TRAIN, Task.EVALUATE);

  private static final String JOB =
      """
      trainer: { name: tide }
      strategy: { name: fedavg }
      evaluate: [ { name: counts } ]
      codecs: { up: [ { name: errorfeedback, of: { name: topk, share: 0.8 } } ] }
      protocol: { name: synchronous, rounds: 2 }
      """;

  /** Counts how often it measures. */
  @Plugin(name = "counts", does = "Counts.")
  static final class Counts implements Evaluator {
    final AtomicInteger times = new AtomicInteger();

    @Override
    public Evaluation open(Options options, Site site) {
      return (work, global) -> Map.of("times", (double) times.incrementAndGet());
    }
  }

  final MemoryBroker broker = new MemoryBroker();
  final Tide tide = new Tide();
  final Counts counts = new Counts();
  private final Path folder;
  private final Transport mine = new MemoryTransport(broker);
  private final Sender server = mine.sender();

  Stage(Path folder) {
    this.folder = folder;
    List.of(TOPIC, TOPICS.broadcast()).forEach(mine::create);
  }

  Desk desk(Transport transport) {
    return new Desk(
        "a",
        new JobReader("test", true).read(JOB, "job.yaml"),
        "r-1",
        new SiloConfig("silo.yaml", Map.of(), Map.of()),
        folder,
        SiloKey.in(folder),
        TOPICS,
        transport,
        new Post(transport.sender()),
        new FixedPlugins(tide, counts, new ErrorFeedback(), new TopK()));
  }

  Transport transport() {
    return new MemoryTransport(broker);
  }

  /** An order with a state of its own. */
  Event.Ordered order(int round, int number, Set<Task> tasks, int counted) throws IOException {
    Attempt attempt = new Attempt("r-1", round, number);
    Tensors state = new Tensors(Tide.SCHEMA);
    state.values(1)[7] = round;
    return order(attempt, tasks, counted, broadcast(attempt, state));
  }

  Event.Ordered order(Attempt attempt, Set<Task> tasks, int counted, Event.Broadcast broadcast) {
    Event.Asked asked = new Event.Asked(tasks, Map.of(), counted, end());
    return new Event.Ordered(attempt, Map.of("a", asked), broadcast, null, null, "", Map.of(), 2);
  }

  Event.Broadcast broadcast(Attempt attempt, Tensors state) throws IOException {
    List<Long> offsets = new ArrayList<>();
    Post post = new Post(server);
    Payload payload =
        new PayloadWriter(FrameEncoder.plain())
            .write(
                attempt.round(),
                state.schema(),
                Blocks.of(state),
                Map.of(),
                chunk ->
                    offsets.add(
                        Post.await(
                            post.chunk(TOPICS.broadcast(), attempt, offsets.size(), "", chunk))));
    return new Event.Broadcast(
        attempt.round(), offsets.get(0), payload.chunks(), payload.bytes(), payload.sha256());
  }

  private long end() {
    try (Receiver receiver = mine.receiver()) {
      return receiver.end(TOPIC);
    }
  }

  /** Waits for a word of the silo about an attempt. */
  <W extends Word> W await(Class<W> type, Predicate<W> about) throws IOException {
    try (Receiver receiver = mine.receiver()) {
      receiver.follow(TOPIC, 0);
      while (true) {
        for (Record record : receiver.poll(1000)) {
          if (!isChunk(record)) {
            Word word = Json.read(Word.class, record.body());
            if (type.isInstance(word) && about.test(type.cast(word))) {
              return type.cast(word);
            }
          }
        }
      }
    }
  }

  Word.Manifest manifest(int number) throws IOException {
    return await(Word.Manifest.class, m -> m.attempt().number() == number);
  }

  Word.Out out() throws IOException {
    return await(Word.Out.class, out -> true);
  }

  /** All that the silo wrote up to now. */
  List<Record> log() throws IOException {
    long end = Post.await(server.send(TOPIC, Map.of(Post.KIND, "end"), new byte[0]));
    List<Record> log = new ArrayList<>();
    try (Receiver receiver = mine.receiver()) {
      receiver.follow(TOPIC, 0);
      while (true) {
        for (Record record : receiver.poll(1000)) {
          if (record.offset() == end) {
            return log;
          }
          log.add(record);
        }
      }
    }
  }

  static boolean isChunk(Record record) {
    return Post.CHUNK.equals(record.headers().get(Post.KIND));
  }

  List<Record> words(int number, String kind) throws IOException {
    List<Record> words = new ArrayList<>();
    for (Record record : log()) {
      if (kind.equals(record.headers().get(Post.KIND))
          && new String(bytes(record), StandardCharsets.UTF_8).contains("\"number\":" + number)) {
        words.add(record);
      }
    }
    return words;
  }

  private static byte[] bytes(Record record) {
    byte[] bytes = new byte[record.body().remaining()];
    record.body().duplicate().get(bytes);
    return bytes;
  }

  /** One manifest, and after the last BEGIN every chunk once and in order. */
  void assertOneUpload(int number) throws IOException {
    assertEquals(1, words(number, "manifest").size());
    assertEquals(1, words(number, "report").size());
    List<Record> begins = words(number, "begin");
    String begin = Long.toString(begins.get(begins.size() - 1).offset());
    List<String> chunks =
        log().stream()
            .filter(Stage::isChunk)
            .filter(r -> r.header("attempt").equals("" + number))
            .filter(r -> r.header(Post.BEGIN).equals(begin))
            .map(r -> r.header("chunk"))
            .toList();
    assertEquals(manifest(number).chunks(), chunks.size());
    for (int i = 0; i < chunks.size(); i++) {
      assertEquals("" + i, chunks.get(i));
    }
  }
}
