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
import java.util.List;

/**
 * One member's update, decoded unit by unit, once a fold asks for the values: who is never asked is
 * never read. One thread.
 */
final class MemberUnits implements Part {

  private final Arrival arrival;
  private final Chunks chunks;
  private final PayloadReader reader;
  private ByteBuffer chunk = ByteBuffer.allocate(0);

  /** What was decoded last, the reader's own; from {@link #next} on nobody had it yet. */
  private float[] decoded = new float[0];

  private int next;
  private int end;

  /** Values before the unit that nobody asked for. */
  private long behind;

  private Unit unit;
  private float[] own = new float[0];
  private float[] values;

  /**
   * Nothing is read yet.
   *
   * @param columns how many values a column block has that the fold asks for
   */
  MemberUnits(Arrival arrival, Chunks chunks, Schema schema, FrameDecoder chain, int columns) {
    this.arrival = arrival;
    this.chunks = chunks;
    this.reader =
        PayloadReader.trusting(arrival.member().client(), schema, chain, this::accept, columns);
  }

  private void accept(Unit block, float[] reading) {
    for (Watch watch : arrival.watches()) {
      watch.pass(block, reading);
    }
    decoded = reading;
    next = 0;
    end = block.length();
  }

  /** Moves on to a unit; units come in order and leave nothing out. */
  Part at(Unit newUnit) {
    if (unit != null && values == null) {
      behind += unit.length();
    }
    unit = newUnit;
    values = null;
    return this;
  }

  @Override
  public Member member() {
    return arrival.member();
  }

  @Override
  public List<Tensor> tensors() {
    return unit.tensors();
  }

  @Override
  public float[] values() {
    if (values == null) {
      while (behind > 0) {
        behind -= advance((int) Math.min(behind, Integer.MAX_VALUE));
      }
      values = read();
    }
    return values;
  }

  private float[] read() {
    int length = unit.length();
    if (advance(0) == 0 && next == 0 && end == length) {
      next = end;
      return decoded; // just this unit, and so not copied
    }
    if (own.length < length) {
      own = new float[length];
    }
    for (int at = 0; at < length; ) {
      advance(0);
      int n = Math.min(length - at, end - next);
      System.arraycopy(decoded, next, own, at, n);
      at += n;
      next += n;
    }
    return own;
  }

  /** Decodes until there are values, and passes over at most so many; says how many it did. */
  private int advance(int most) {
    while (next == end) {
      if (!chunk.hasRemaining()) {
        chunk = null; // not in memory while the next one is waited for
        chunk = chunks.next(arrival);
      }
      reader.readUnit(chunk);
    }
    int n = Math.min(most, end - next);
    next += n;
    return n;
  }
}
