package fedllm.runtime.wire;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.format.Dtype;
import fedllm.format.Floats;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsHeader;
import fedllm.format.Sha256;
import fedllm.format.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Takes the chunks of a payload in order and hands out its values as they become whole. Whatever is
 * wrong throws {@link SitsOut}, with the sender and the tensor in its message; after that the
 * reader is of no more use. Nothing is allocated because a header claims it. Used by one thread.
 */
public final class PayloadReader {

  private static final int MAX_JSON_BYTES = 16 << 20;
  private static final long MAX_TENSOR_VALUES = 1L << 40;

  /** Bytes that are hashed, decoded and checked while they are in the processor's cache. */
  private static final int SLICE = 1 << 16;

  private final String source;
  private final Schema expected;
  private final FrameDecoder chain;
  private final Sink sink;
  private final MessageDigest sha256;

  /** Values in a unit, unless a codec made frames of them. */
  private final int columns;

  private boolean given;
  private long received;

  private enum Stage {
    LENGTH,
    HEADER,
    VALUES,
    FRAME_LENGTH,
    FRAME,
    DONE
  }

  private Stage stage = Stage.LENGTH;
  private int wanted = 8;
  private ByteBuffer gathered = ByteBuffer.allocate(1 << 10).order(ByteOrder.LITTLE_ENDIAN);
  private SafetensorsHeader header;
  private Schema schema;
  private int tensor;
  private int block;
  private Unit unit;
  private long tensorBytesLeft;
  private float[] values = new float[0];

  /** Where the sink has the unit's plain values; null for none. */
  private float[] room;

  /** Plain values of the unit that have come. */
  private int filled;

  /** Whether all of these are. */
  private boolean finite = true;

  /**
   * Reads one payload.
   *
   * @param source whose it is, for messages
   * @param expected its schema, or null where the payload itself brings it
   * @param chain must have the names that the sender's had
   */
  public PayloadReader(String source, Schema expected, FrameDecoder chain, Sink sink) {
    this(source, expected, chain, sink, Sha256.newDigest(), Unit.MAX_VALUES);
  }

  private PayloadReader(
      String source,
      Schema expected,
      FrameDecoder chain,
      Sink sink,
      MessageDigest sha256,
      int columns) {
    this.sha256 = sha256;
    this.columns = chain.names().isEmpty() ? columns : Unit.MAX_VALUES;
    this.source = source;
    this.expected = expected;
    this.chain = chain;
    this.sink = sink;
  }

  /**
   * Reads a payload that was checked before, at the server's door or because the server made it:
   * neither its hash nor its values are looked at again.
   */
  public static PayloadReader trusting(
      String source, Schema expected, FrameDecoder chain, Sink sink) {
    return trusting(source, expected, chain, sink, Unit.MAX_VALUES);
  }

  /**
   * The same, in units of {@code columns} values where no codec made frames; memory is theirs alone
   * then.
   */
  public static PayloadReader trusting(
      String source, Schema expected, FrameDecoder chain, Sink sink, int columns) {
    return new PayloadReader(source, expected, chain, sink, null, columns);
  }

  /** Takes the next bytes, all of them. */
  public void read(ByteBuffer in) {
    while (in.hasRemaining()) {
      ByteBuffer slice = in.slice(in.position(), Math.min(SLICE, in.remaining()));
      in.position(in.position() + slice.remaining());
      if (sha256 != null) {
        sha256.update(slice.duplicate());
      }
      while (slice.hasRemaining()) {
        readUnit(slice);
      }
    }
  }

  /** Takes bytes until a unit is whole and given, or there are none left; of a trusted payload. */
  public void readUnit(ByteBuffer in) {
    received += in.remaining();
    given = false;
    while (in.hasRemaining() && !given) {
      if (stage == Stage.DONE) {
        throw wrong("goes on after its last tensor");
      }
      if (stage == Stage.VALUES && gathered.position() == 0 && in.remaining() >= Float.BYTES) {
        readValues(in); // most bytes come this way, and so are not gathered
        continue;
      }
      int n = Math.min(in.remaining(), wanted - gathered.position());
      room(gathered.position() + n);
      gathered.put(in.slice(in.position(), n));
      in.position(in.position() + n);
      while (stage != Stage.DONE && gathered.position() == wanted && !given) {
        ByteBuffer whole = gathered.flip();
        advance(whole);
        gathered.clear();
      }
    }
    received -= in.remaining();
  }

  /** The payload has ended, and should have this many bytes and this hash. */
  public void end(long bytes, String sha256Hex) {
    if (stage != Stage.DONE) {
      throw wrong(
          "is cut short after "
              + received
              + " bytes"
              + (unit == null ? ", in its header" : ", in " + unit.tensor()));
    }
    if (received != bytes) {
      throw wrong("has " + received + " bytes, not the " + bytes + " that its manifest says");
    }
    if (sha256 != null && !HexFormat.of().formatHex(sha256.digest()).equals(sha256Hex)) {
      throw wrong("has another SHA-256 than its manifest says");
    }
  }

  /** The schema, once the header was read; null before. */
  public Schema schema() {
    return schema;
  }

  /** The words in the header, once it was read. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  private void advance(ByteBuffer whole) {
    switch (stage) {
      case LENGTH -> readLength(whole.getLong());
      case HEADER -> readHeader(whole);
      case VALUES -> readValues(whole); // one that two chunks share
      case FRAME_LENGTH -> readFrameLength(whole.getInt());
      case FRAME -> readFrame(whole);
      case DONE -> throw new IllegalStateException("nothing is gathered after the end");
    }
  }

  private void readLength(long length) {
    long limit = MAX_JSON_BYTES;
    if (expected != null) {
      limit = 1 << 16;
      for (Tensor each : expected.tensors()) {
        limit += 512 + 16L * each.name().length() + 48L * each.shape().size();
      }
    }
    if (length < 2 || length > limit) {
      throw wrong(
          "should begin with the length of its header, at most "
              + limit
              + ", but begins with "
              + Long.toUnsignedString(length));
    }
    stage = Stage.HEADER;
    wanted = (int) length;
  }

  private void readHeader(ByteBuffer json) {
    byte[] bytes = new byte[json.remaining()];
    json.get(bytes);
    header = HeaderJson.read(source, bytes);
    String version = header.metadata().get(Payload.WIRE);
    if (!Payload.VERSION.equals(version)) {
      throw wrong("has another version of the wire form than " + Payload.VERSION);
    }
    String names = String.join(",", chain.names());
    if (!names.equals(header.metadata().get(Payload.CODECS))) {
      throw wrong("was not coded by [" + names + "], as its order says");
    }
    schema = header.schema(source);
    if (expected != null) {
      checkSchema();
    }
    long largest = schema.tensors().stream().mapToLong(Tensor::size).max().orElse(0);
    if (largest > MAX_TENSOR_VALUES) {
      throw wrong("claims a tensor of " + largest + " values, above " + MAX_TENSOR_VALUES);
    }
    values = new float[(int) Math.min(columns, largest)];
    tensor = -1;
    nextTensor();
  }

  private void checkSchema() {
    int count = expected.tensors().size();
    for (int i = 0; i < Math.min(count, schema.tensors().size()); i++) {
      if (!expected.tensors().get(i).equals(schema.tensors().get(i))) {
        throw wrong(
            "holds "
                + schema.tensors().get(i)
                + " where "
                + expected.tensors().get(i)
                + " belongs");
      }
    }
    if (count != schema.tensors().size()) {
      throw wrong("holds " + schema.tensors().size() + " tensors, not " + count);
    }
  }

  private void nextTensor() {
    tensor++;
    block = 0;
    if (tensor == schema.tensors().size()) {
      stage = Stage.DONE;
      wanted = 0;
      return;
    }
    Tensor next = schema.tensors().get(tensor);
    TensorInfo info = header.tensors().get(tensor);
    boolean coded = !chain.names().isEmpty();
    Dtype dtype = coded ? Dtype.U8 : Dtype.F32;
    if (info.dtype() != dtype || !coded && !info.shape().equals(next.shape())) {
      throw wrong("holds " + info + " where " + dtype + " for " + next + " belongs");
    }
    tensorBytesLeft = info.bytes();
    nextBlock();
  }

  private void nextBlock() {
    Tensor of = schema.tensors().get(tensor);
    long at = (long) block * columns;
    if (at >= of.size()) {
      if (tensorBytesLeft != 0) {
        throw wrong("has " + tensorBytesLeft + " bytes too many in " + of);
      }
      nextTensor();
      return;
    }
    unit = new Unit(List.of(of), at, (int) Math.min(columns, of.size() - at));
    block++;
    boolean coded = !chain.names().isEmpty();
    if (coded) {
      stage = Stage.FRAME_LENGTH;
      take(4);
    } else {
      stage = Stage.VALUES;
      take(4 * unit.length());
      wanted = Float.BYTES;
    }
  }

  /** Takes whole values, as many as there are. */
  private void readValues(ByteBuffer in) {
    if (filled == 0) {
      room = sink.room(unit);
    }
    float[] to = room == null ? values : room;
    int at = room == null ? filled : Math.toIntExact(unit.offset() + filled);
    int count = Math.min(in.remaining() / Float.BYTES, unit.length() - filled);
    Floats.read(Dtype.F32, in, to, at, count);
    finite = finite && (sha256 == null || Finite.all(to, at, count));
    filled += count;
    if (filled == unit.length()) {
      filled = 0;
      give();
    }
  }

  private void readFrameLength(int length) {
    int limit = chain.maxBytes(unit.length());
    if (length < 0 || length > limit) {
      throw wrong("has a frame of " + length + " bytes in " + unit.tensor() + ", above " + limit);
    }
    stage = Stage.FRAME;
    take(length);
  }

  private void readFrame(ByteBuffer frame) {
    try {
      chain.decode(frame, values, unit.length());
    } catch (RuntimeException e) {
      // Whatever a codec throws at foreign bytes, its meaning is the same.
      throw new SitsOut(
          source + ": its payload has a broken frame in " + place() + ": " + e.getMessage(), e);
    }
    finite = sha256 == null || Finite.all(values, 0, unit.length());
    give();
  }

  private void give() {
    if (!finite) {
      throw wrong("has a value that is not finite in " + place());
    }
    given = true;
    if (room == null) {
      sink.accept(unit, values);
    }
    room = null;
    nextBlock();
  }

  private void take(int bytes) {
    tensorBytesLeft -= bytes;
    if (tensorBytesLeft < 0) {
      throw wrong("has too few bytes in " + unit.tensor());
    }
    wanted = bytes;
  }

  private void room(int bytes) {
    if (gathered.capacity() < bytes) {
      int capacity = Math.min(wanted, Math.max(bytes, 2 * gathered.capacity()));
      gathered = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN).put(gathered.flip());
    }
  }

  private String place() {
    return unit.tensor() + " from value " + unit.offset() + " on";
  }

  private SitsOut wrong(String what) {
    return new SitsOut(source + ": its payload " + what);
  }
}
