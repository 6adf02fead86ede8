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
import fedllm.runtime.message.Topics;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.Payload;
import fedllm.runtime.wire.PayloadWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Puts global states into the log, block by block: as the job wants them, for all silos to read,
 * and as they are, for a server that takes over. One thread.
 */
final class Broadcasts {

  private final Post post;
  private final Topics topics;
  private final Places places;

  Broadcasts(Post post, Topics topics, Places places) {
    this.post = post;
    this.topics = topics;
    this.places = places;
  }

  /** Sends a state to the silos, past the guards and through the chain, and says where it lies. */
  Event.Broadcast send(Attempt attempt, SafetensorsFile state, Crew crew) {
    List<Watch> watches = crew.broadcastWatches();
    Schema sent = sent(attempt, state, crew);
    observe(attempt, state, sent, watches);
    Event.Kept kept = write(topics.broadcast(), attempt, state, sent, crew.down(), watches);
    return new Event.Broadcast(
        attempt.round(), kept.offset(), kept.chunks(), kept.bytes(), kept.sha256());
  }

  /** Keeps a state as it is; what was broadcast without codecs and guards is that already. */
  Event.Kept keep(Attempt attempt, SafetensorsFile state, Crew crew, Event.Broadcast sent) {
    boolean asItIs =
        crew.down().names().isEmpty()
            && crew.broadcastWatches().isEmpty()
            && sent(attempt, state, crew).equals(state.schema());
    return asItIs
        ? new Event.Kept(
            topics.broadcast(), sent.offset(), sent.chunks(), sent.bytes(), sent.sha256())
        : write(topics.state(), attempt, state, state.schema(), FrameEncoder.plain(), List.of());
  }

  /** What of a state travels with a round's orders. */
  private static Schema sent(Attempt attempt, SafetensorsFile state, Crew crew) {
    return state.schema().only(module -> crew.planning().sends(attempt.round(), module));
  }

  private Event.Kept write(
      String topic,
      Attempt attempt,
      SafetensorsFile state,
      Schema schema,
      FrameEncoder chain,
      List<Watch> watches) {
    ChunkLog log = new ChunkLog(post, topic, attempt, String.join(",", chain.names()));
    Payload payload;
    try {
      payload =
          new PayloadWriter(chain)
              .write(
                  attempt.round(),
                  schema,
                  (unit, values) -> {
                    GlobalStates.read(state, unit, values);
                    watches.forEach(w -> w.pass(unit, values));
                  },
                  Map.of(),
                  log::add);
    } catch (IOException e) {
      throw new UncheckedIOException("the global state cannot be read", e);
    }
    long first = log.end();
    places.reached(topic, log.next());
    return new Event.Kept(topic, first, payload.chunks(), payload.bytes(), payload.sha256());
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
