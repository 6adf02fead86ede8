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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends what a silo made: BEGIN, awaited; the chunks; MANIFEST, once the log has them all. An
 * update exists when its manifest does.
 */
final class Uploads {

  /** Chunks on their way at a time; the sender's buffer is smaller. */
  private static final int WINDOW = 64;

  private final Post post;
  private final String topic;

  Uploads(Post post, String topic) {
    this.post = post;
    this.topic = topic;
  }

  void initial(Attempt attempt, Start start, String base, Supplier<Traffic> traffic) {
    upload(
        attempt,
        Task.INITIALISE,
        start.tensors(),
        1,
        FrameEncoder.plain(),
        base,
        Map.of(),
        start.files(),
        traffic);
  }

  void update(
      Attempt attempt,
      Learned learned,
      FrameEncoder chain,
      String base,
      Supplier<Traffic> traffic) {
    upload(
        attempt,
        Task.TRAIN,
        learned.update(),
        learned.examples(),
        chain,
        base,
        learned.metrics(),
        Map.of(),
        traffic);
  }

  private void upload(
      Attempt attempt,
      Task task,
      Tensors tensors,
      long examples,
      FrameEncoder chain,
      String base,
      Map<String, Double> metrics,
      Map<String, String> files,
      Supplier<Traffic> traffic) {
    String codecs = String.join(",", chain.names());
    post.word(topic, new Word.Begin(attempt, task, examples, base));
    Deque<CompletableFuture<Long>> onTheWay = new ArrayDeque<>();
    int[] sent = {0};
    Payload payload;
    try {
      payload =
          new PayloadWriter(chain)
              .write(
                  attempt.round(),
                  tensors.schema(),
                  Blocks.of(tensors),
                  Map.of(),
                  chunk -> {
                    if (onTheWay.size() == WINDOW) {
                      Post.await(onTheWay.remove());
                    }
                    onTheWay.add(post.chunk(topic, attempt, sent[0]++, codecs, chunk));
                  });
    } catch (IOException e) {
      throw new UncheckedIOException("tensors in memory cannot fail to be read", e);
    }
    onTheWay.forEach(Post::await);
    Traffic wire = traffic.get();
    post.word(
        topic,
        new Word.Manifest(
            attempt,
            payload.chunks(),
            payload.bytes(),
            payload.sha256(),
            metrics,
            wire.sent(),
            wire.received(),
            files));
  }
}
