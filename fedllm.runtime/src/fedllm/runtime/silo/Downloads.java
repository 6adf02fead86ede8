package fedllm.runtime.silo;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.PayloadReader;
import fedllm.runtime.wire.TensorSink;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reads global states from the broadcast topic. The reader stays where the last state ended,
 * because the next one follows: a seek would wait for the fetch that is pending. One thread.
 */
final class Downloads implements AutoCloseable {

  /** After so long with nothing the broker is asked whether there is anything. */
  private static final long QUIET_MS = 60_000;

  private final Transport transport;
  private final String topic;
  private final Deque<Record> ahead = new ArrayDeque<>();
  private Receiver receiver;
  private Tensors last;
  private long next;
  private boolean follows;

  Downloads(Transport transport, String topic) {
    this.transport = transport;
    this.topic = topic;
  }

  /**
   * Reads a state; the arrays of the one before are filled anew. One that is not as the order says
   * throws {@link SitsOut}; a broker that is away is waited for.
   */
  Tensors read(Attempt attempt, Event.Broadcast broadcast, FrameDecoder chain, Patience wanted) {
    TensorSink sink = new TensorSink(last);
    PayloadReader reader =
        new PayloadReader("the broadcast of round " + broadcast.round(), null, chain, sink);
    wanted.ask(
        "read " + topic,
        () -> {
          stand(broadcast.offset());
          return null;
        });
    for (int left = broadcast.chunks(); left > 0; ) {
      Record record = take(wanted);
      int next = broadcast.chunks() - left;
      // What a deposed server still wrote may lie between.
      if (record.offset() >= broadcast.offset() && Post.isChunk(record, attempt, next)) {
        Post.checkChunk(record, next);
        reader.read(record.body());
        left--;
      }
    }
    reader.end(broadcast.bytes(), broadcast.sha256());
    last = sink.tensors(reader.schema());
    return last;
  }

  /** Makes sure that the record at an offset is still to come. */
  private void stand(long offset) {
    if (follows && offset >= next) {
      return;
    }
    ahead.clear();
    if (receiver == null) {
      receiver = transport.receiver();
    } else {
      follows = false;
      receiver.unfollow(topic);
    }
    receiver.follow(topic, offset);
    follows = true;
    next = offset;
  }

  private Record take(Patience wanted) {
    boolean asked = false;
    long until = System.nanoTime() + QUIET_MS * 1_000_000;
    while (ahead.isEmpty()) {
      wanted.check();
      ahead.addAll(receiver.poll(100));
      if (ahead.isEmpty() && System.nanoTime() > until) {
        long end = wanted.ask("read " + topic, () -> receiver.end(topic));
        if (asked) { // it answers, and has nothing
          throw new SitsOut(topic + "@" + next + " does not come, although the log goes to " + end);
        }
        asked = true;
        until = System.nanoTime() + QUIET_MS * 1_000_000;
      }
    }
    Record record = ahead.remove();
    next = record.offset() + 1;
    return record;
  }

  @Override
  public void close() {
    if (receiver != null) {
      receiver.close();
    }
  }
}
