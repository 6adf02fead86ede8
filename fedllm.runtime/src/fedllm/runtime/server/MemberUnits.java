package fedllm.runtime.server;

import fedllm.api.guard.Watch;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.PayloadReader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** One member's update, decoded unit by unit as a fold asks for it. One thread. */
final class MemberUnits implements Part {

  /** Bytes decoded at a time: what they become is what waits in memory. */
  private static final int SLICE = 1 << 16;

  private final Arrival arrival;
  private final Chunks chunks;
  private final PayloadReader reader;
  private final Deque<float[]> blocks = new ArrayDeque<>();
  private final Deque<float[]> spare = new ArrayDeque<>();
  private ByteBuffer chunk = ByteBuffer.allocate(0);
  private float[] values = new float[0];
  private List<Tensor> tensors = List.of();

  MemberUnits(Arrival arrival, Chunks chunks, Schema schema, FrameDecoder chain) {
    this.arrival = arrival;
    this.chunks = chunks;
    this.reader = PayloadReader.trusting(arrival.member().client(), schema, chain, this::accept);
  }

  private void accept(Unit block, float[] decoded) {
    float[] copy = spare.isEmpty() ? null : spare.remove();
    if (copy == null || copy.length < block.length()) {
      copy = new float[block.length()];
    }
    System.arraycopy(decoded, 0, copy, 0, block.length());
    for (Watch watch : arrival.watches()) {
      watch.pass(block, copy);
    }
    blocks.add(copy);
  }

  /** Moves on to a unit; units come in order and leave nothing out. */
  Part at(Unit unit) {
    if (values.length < unit.length()) {
      values = new float[unit.length()];
    }
    int at = 0;
    if (unit.tensors().size() == 1 && unit.length() <= Unit.MAX_VALUES) {
      copy(unit.length(), 0);
    } else {
      for (Tensor tensor : unit.tensors()) {
        for (int i = 0; i < Unit.blocks(tensor); i++) {
          int length = Unit.block(tensor, i).length();
          copy(length, at);
          at += length;
        }
      }
    }
    tensors = unit.tensors();
    return this;
  }

  private void copy(int length, int at) {
    while (blocks.isEmpty()) {
      if (!chunk.hasRemaining()) {
        chunk = chunks.next(arrival);
      }
      int n = Math.min(SLICE, chunk.remaining());
      reader.read(chunk.slice(chunk.position(), n));
      chunk.position(chunk.position() + n);
    }
    float[] block = blocks.remove();
    System.arraycopy(block, 0, values, at, length);
    spare.add(block);
  }

  @Override
  public Member member() {
    return arrival.member();
  }

  @Override
  public List<Tensor> tensors() {
    return tensors;
  }

  @Override
  public float[] values() {
    return values;
  }
}
