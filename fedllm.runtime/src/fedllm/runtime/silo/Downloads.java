package fedllm.runtime.silo;

import fedllm.api.error.Unreachable;
import fedllm.api.tensor.Tensors;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
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

  private static final long PATIENCE_MS = 60_000;

  private final Transport transport;
  private final String topic;
  private final Deque<Record> ahead = new ArrayDeque<>();
  private Receiver receiver;
  private Tensors last;
  private long next;

  Downloads(Transport transport, String topic) {
    this.transport = transport;
    this.topic = topic;
  }

  /** Reads a state; the arrays of the one before are filled anew. */
  Tensors read(Event.Broadcast broadcast, FrameDecoder chain) {
    TensorSink sink = new TensorSink(last);
    PayloadReader reader =
        PayloadReader.trusting("the broadcast of round " + broadcast.round(), null, chain, sink);
    stand(broadcast.offset());
    for (int left = broadcast.chunks(); left > 0; ) {
      Record record = take();
      if (record.offset() >= broadcast.offset()) {
        Post.checkChunk(record, broadcast.chunks() - left);
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
    if (receiver != null && offset >= next) {
      return;
    }
    ahead.clear();
    if (receiver == null) {
      receiver = transport.receiver();
    } else {
      receiver.unfollow(topic);
    }
    receiver.follow(topic, offset);
    next = offset;
  }

  private Record take() {
    long until = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (ahead.isEmpty()) {
      ahead.addAll(receiver.poll(100));
      if (System.nanoTime() > until) {
        throw new Unreachable(topic + "@" + next + " does not come");
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
