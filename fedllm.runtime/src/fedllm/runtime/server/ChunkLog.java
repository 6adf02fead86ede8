package fedllm.runtime.server;

import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Post;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/** Appends chunks to a topic, a bounded number of them on their way. One thread. */
final class ChunkLog {

  private static final int WINDOW = 64;

  private final Post post;
  private final String topic;
  private final Attempt attempt;
  private final String codecs;
  private final Deque<CompletableFuture<Long>> onTheWay = new ArrayDeque<>();
  private int sent;
  private long first = -1;
  private long last = -1;

  /** Of the tensors or bytes that belong to an attempt. */
  ChunkLog(Post post, String topic, Attempt attempt, String codecs) {
    this.post = post;
    this.topic = topic;
    this.attempt = attempt;
    this.codecs = codecs;
  }

  void add(byte[] chunk) {
    if (onTheWay.size() == WINDOW) {
      await();
    }
    onTheWay.add(post.chunk(topic, attempt, sent++, codecs, chunk));
  }

  private void await() {
    last = Post.await(onTheWay.remove());
    first = first < 0 ? last : first;
  }

  /** Waits until the log has all; answers the first one's offset. */
  long end() {
    while (!onTheWay.isEmpty()) {
      await();
    }
    return first;
  }

  /** The offset after the last one. */
  long next() {
    return last + 1;
  }
}
