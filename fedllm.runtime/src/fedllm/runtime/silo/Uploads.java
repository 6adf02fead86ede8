package fedllm.runtime.silo;

import fedllm.api.planner.Task;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.transport.Traffic;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import fedllm.runtime.wire.Blocks;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.Payload;
import fedllm.runtime.wire.PayloadWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what a silo made: BEGIN, awaited; the chunks; MANIFEST, once the log has them all. An
 * update exists when its manifest does. What the log holds already of the same upload is not sent
 * again: the upload goes on after it, or starts over where the log holds something else.
 */
final class Uploads {

  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

  /** Chunks on their way at a time; the sender's buffer is smaller. */
  private static final int WINDOW = 64;

  /** What is sent, and what its words say. */
  record Parcel(
      Word.Begin begin,
      Tensors tensors,
      Map<String, Double> metrics,
      Map<String, String> files,
      List<String> afresh) {

    static Parcel initial(Attempt attempt, Start start, String base) {
      return new Parcel(
          new Word.Begin(attempt, Task.INITIALISE, 1, base),
          start.tensors(),
          Map.of(),
          start.files(),
          List.of());
    }

    static Parcel update(Attempt attempt, Learned learned, String base, List<String> afresh) {
      return new Parcel(
          new Word.Begin(attempt, Task.TRAIN, learned.examples(), base),
          learned.update(),
          learned.metrics(),
          Map.of(),
          afresh);
    }
  }

  /** The private state of those that a parcel comes from, which encoding moves on. */
  interface Memory {

    /** As it is now. */
    Map<String, byte[]> snapshot();

    /** Back to what it was, because the same is encoded once more. */
    void restore(Map<String, byte[]> snapshot);

    /** The log has every chunk: what is left is kept before a manifest makes the update exist. */
    void keep();
  }

  /** Where nobody remembers anything. */
  static final Memory NO_MEMORY =
      new Memory() {
        @Override
        public Map<String, byte[]> snapshot() {
          return Map.of();
        }

        @Override
        public void restore(Map<String, byte[]> snapshot) {}

        @Override
        public void keep() {}
      };

  /** The log holds another piece than the one that was made now. */
  private static final class Differs extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Differs(int piece) {
      super("chunk " + piece + " is another one now", null, false, false);
    }
  }

  private final Post post;
  private final String topic;
  private final Seal seal;

  Uploads(Post post, String topic, Seal seal) {
    this.post = post;
    this.topic = topic;
    this.seal = seal;
  }

  /**
   * Sends a parcel, or what the log lacks of it.
   *
   * @param traffic bytes of this order, up to now
   */
  void send(
      Parcel parcel,
      FrameEncoder chain,
      ReadBack before,
      Memory memory,
      Supplier<Traffic> traffic) {
    Payload payload = goOn(parcel, chain, before, memory);
    if (payload == null) {
      payload = write(parcel, chain, post.word(topic, parcel.begin()), List.of());
    }
    memory.keep();
    Traffic wire = traffic.get();
    Word.Manifest manifest =
        new Word.Manifest(
            parcel.begin().attempt(),
            payload.chunks(),
            payload.bytes(),
            payload.sha256(),
            parcel.metrics(),
            wire.sent() + before.pieces().stream().mapToLong(ReadBack.Piece::bytes).sum(),
            wire.received(),
            parcel.files(),
            parcel.afresh(),
            "");
    post.word(topic, seal.on(parcel.begin(), manifest));
  }

  /** A delivery is whole: its manifest makes it exist. */
  void end(Word.Begin begin, Word.Manifest manifest) {
    post.word(topic, seal.on(begin, manifest));
  }

  /** Goes on with what the log holds; null where it has to be begun. */
  private Payload goOn(Parcel parcel, FrameEncoder chain, ReadBack before, Memory memory) {
    if (before.begin() == null) {
      return null;
    }
    Attempt attempt = parcel.begin().attempt();
    if (!before.begin().equals(parcel.begin())) {
      LOG.warn("{}: the upload starts over: it began otherwise, {}", attempt, before.begin());
      return null;
    }
    Map<String, byte[]> state = memory.snapshot();
    try {
      Payload payload = write(parcel, chain, before.beginAt(), before.pieces());
      LOG.info("{}: the upload went on after {} chunks", attempt, before.pieces().size());
      return payload;
    } catch (Differs e) {
      LOG.warn("{}: the upload starts over: {}", attempt, e.getMessage());
      memory.restore(state);
      return null;
    }
  }

  /** Sends all pieces but those that are there, which have to be the same. */
  private Payload write(Parcel parcel, FrameEncoder chain, long begin, List<ReadBack.Piece> there) {
    Attempt attempt = parcel.begin().attempt();
    String codecs = String.join(",", chain.names());
    Deque<CompletableFuture<Long>> onTheWay = new ArrayDeque<>();
    int[] made = {0};
    Payload payload;
    try {
      payload =
          new PayloadWriter(chain)
              .write(
                  attempt.round(),
                  parcel.tensors().schema(),
                  Blocks.of(parcel.tensors()),
                  Map.of(),
                  chunk -> {
                    int i = made[0]++;
                    if (i < there.size()) {
                      requireSame(i, chunk, there.get(i));
                      return;
                    }
                    if (onTheWay.size() == WINDOW) {
                      Post.await(onTheWay.remove());
                    }
                    onTheWay.add(post.chunk(topic, attempt, begin, i, codecs, chunk));
                  });
    } catch (IOException e) {
      throw new UncheckedIOException("tensors in memory cannot fail to be read", e);
    }
    if (payload.chunks() < there.size()) {
      throw new Differs(payload.chunks());
    }
    onTheWay.forEach(Post::await);
    return payload;
  }

  private static void requireSame(int i, byte[] chunk, ReadBack.Piece there) {
    if (!ReadBack.Piece.of(ByteBuffer.wrap(chunk)).equals(there)) {
      throw new Differs(i);
    }
  }
}
