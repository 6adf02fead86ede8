package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.guard.Watch;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
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

  private static final float[] NONE = new float[0];

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

  /** The member's own modules, and how many of them are behind. */
  private final Modules modules;

  private int module;

  /** The member's own; null before the first and where it has none of that name. */
  private Unit unit;

  private float[] own = new float[0];
  private float[] values;

  /**
   * Nothing is read yet.
   *
   * @param columns how many values a column block has that the fold asks for
   */
  MemberUnits(Arrival arrival, Chunks chunks, FrameDecoder chain, int columns) {
    this.arrival = arrival;
    this.chunks = chunks;
    this.modules = new Modules(arrival.schema());
    this.reader =
        PayloadReader.trusting(
            arrival.member().client(), arrival.schema(), chain, this::accept, columns);
  }

  private void accept(Unit block, float[] reading) {
    for (Watch watch : arrival.watches()) {
      watch.pass(block, reading);
    }
    decoded = reading;
    next = 0;
    end = block.length();
  }

  /**
   * Moves on to a unit; units come in order and leave nothing out.
   *
   * @param key the module that it is, of which the member has tensors of its own or none; null
   *     where all members' tensors are the same
   */
  void at(Unit newUnit, Modules.Key key) {
    if (unit != null && values == null) {
      behind += unit.length();
    }
    unit = key == null ? newUnit : own(key);
    values = unit == null ? NONE : null;
  }

  /** The member's module of that name; those before it that nobody asks for are passed over. */
  private Unit own(Modules.Key key) {
    int place = modules.place(key);
    if (place < 0) {
      return null;
    }
    if (place < module) {
      throw new Ends(
          "the strategy wants the module %s of %s after one that stands behind it"
              .formatted(key, arrival.member().client()));
    }
    for (; module < place; module++) {
      behind += modules.unit(module).length();
    }
    return modules.unit(module++);
  }

  @Override
  public Member member() {
    return arrival.member();
  }

  @Override
  public List<Tensor> tensors() {
    return unit == null ? List.of() : unit.tensors();
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
