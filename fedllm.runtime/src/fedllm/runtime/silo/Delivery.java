package fedllm.runtime.silo;

import static java.nio.charset.StandardCharsets.UTF_8;

import fedllm.api.trainer.Learned;
import fedllm.format.Sha256;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Claim;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import fedllm.runtime.wire.Blocks;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.Payload;
import fedllm.runtime.wire.PayloadWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The updates of a gateway's clients, sent one after the other through one sender: BEGIN, awaited;
 * every client's chunks, the last of which says the update's size and SHA-256; one MANIFEST over
 * all of them. One thread.
 */
final class Delivery {

  /** Chunks on their way at a time; the sender's buffer is smaller. */
  private static final int WINDOW = 256;

  private final Post post;
  private final String topic;
  private final Word.Begin begin;
  private final long at;
  private final Deque<CompletableFuture<Long>> onTheWay = new ArrayDeque<>();
  private final MessageDigest lines = Sha256.newDigest();
  private int clients;
  private int chunks;
  private long bytes;

  /** Begins. */
  Delivery(Post post, String topic, Word.Begin begin) {
    this.post = post;
    this.topic = topic;
    this.begin = begin;
    this.at = post.word(topic, begin);
  }

  /** Sends what one client learned. */
  void add(int number, Learned learned, FrameEncoder chain) {
    Attempt attempt = begin.attempt();
    Claim claim = new Claim(clients++, number, learned.examples());
    String codecs = String.join(",", chain.names());
    byte[][] held = {null}; // only when all are made it is known which is the last
    int[] sent = {0};
    Payload payload;
    try {
      payload =
          new PayloadWriter(chain)
              .write(
                  attempt.round(),
                  learned.update().schema(),
                  Blocks.of(learned.update()),
                  Map.of(),
                  chunk -> {
                    if (held[0] != null) {
                      send(attempt, sent[0]++, codecs, held[0], claim);
                    }
                    held[0] = chunk;
                  });
    } catch (IOException e) {
      throw new UncheckedIOException("tensors in memory cannot fail to be read", e);
    }
    Claim whole =
        new Claim(claim.client(), number, claim.examples(), payload.bytes(), payload.sha256());
    send(attempt, sent[0], codecs, held[0], whole);
    lines.update(whole.line().getBytes(UTF_8));
    chunks += payload.chunks();
    bytes += payload.bytes();
  }

  private void send(Attempt attempt, int i, String codecs, byte[] chunk, Claim claim) {
    if (onTheWay.size() == WINDOW) {
      Post.await(onTheWay.remove());
    }
    onTheWay.add(post.chunk(topic, attempt, at, i, codecs, chunk, claim));
  }

  /** Waits until the log has all; the manifest says what that is. */
  Word.Manifest end(Map<String, Double> metrics, long sent, long received) {
    onTheWay.forEach(Post::await);
    return new Word.Manifest(
        begin.attempt(),
        chunks,
        bytes,
        HexFormat.of().formatHex(lines.digest()),
        metrics,
        sent,
        received,
        Map.of(),
        List.of(),
        "");
  }
}
