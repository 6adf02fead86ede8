package fedllm.runtime.server;

import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.format.SafetensorsFile;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.wire.Payload;
import fedllm.runtime.wire.PayloadWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Puts global states into the log, block by block, for all silos to read, and lets go of those that
 * no run's open round needs. One thread.
 */
final class Broadcasts {

  private static final int WINDOW = 64;

  private final Post post;
  private final Housekeeper housekeeper;
  private final String topic;

  /** Where the state begins that each run's silos may still read. */
  private final Map<String, Long> needed = new HashMap<>();

  Broadcasts(Post post, Housekeeper housekeeper, String topic) {
    this.post = post;
    this.housekeeper = housekeeper;
    this.topic = topic;
  }

  /** Sends a state, past the guards and through the chain, and says where it lies. */
  Event.Broadcast send(Attempt attempt, SafetensorsFile state, Crew crew) {
    Schema schema = state.schema();
    List<Watch> watches = crew.broadcastWatches();
    observe(attempt, state, schema, watches);
    String codecs = String.join(",", crew.down().names());
    Deque<CompletableFuture<Long>> onTheWay = new ArrayDeque<>();
    long[] first = {-1};
    int[] sent = {0};
    Payload payload;
    try {
      payload =
          new PayloadWriter(crew.down())
              .write(
                  attempt.round(),
                  schema,
                  (unit, values) -> {
                    GlobalStates.read(state, unit, values);
                    watches.forEach(w -> w.pass(unit, values));
                  },
                  Map.of(),
                  chunk -> {
                    if (onTheWay.size() == WINDOW) {
                      long offset = Post.await(onTheWay.remove());
                      first[0] = first[0] < 0 ? offset : first[0];
                    }
                    onTheWay.add(post.chunk(topic, attempt, sent[0]++, codecs, chunk));
                  });
    } catch (IOException e) {
      throw new UncheckedIOException("the global state cannot be read", e);
    }
    for (CompletableFuture<Long> chunk : onTheWay) {
      long offset = Post.await(chunk);
      first[0] = first[0] < 0 ? offset : first[0];
    }
    needed.put(attempt.run(), first[0]);
    housekeeper.forget(topic, Collections.min(needed.values()));
    return new Event.Broadcast(
        attempt.round(), first[0], payload.chunks(), payload.bytes(), payload.sha256());
  }

  /** A run has ended. */
  void release(String run) {
    needed.remove(run);
  }

  private static void observe(
      Attempt attempt, SafetensorsFile state, Schema schema, List<Watch> watches) {
    if (watches.isEmpty()) {
      return;
    }
    Passage passage = new Passage(Point.BROADCAST, "server", attempt.round(), schema);
    watches.forEach(w -> w.begin(passage));
    float[] values = new float[Unit.MAX_VALUES];
    for (Tensor tensor : schema.tensors()) {
      for (int i = 0; i < Unit.blocks(tensor); i++) {
        Unit unit = Unit.block(tensor, i);
        GlobalStates.read(state, unit, values);
        watches.forEach(w -> w.observe(unit, values));
      }
    }
  }
}
