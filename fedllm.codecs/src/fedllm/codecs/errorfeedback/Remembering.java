package fedllm.codecs.errorfeedback;

import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Unit;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/** An encoder, and for each column block what it has not sent yet. */
final class Remembering implements Encoder, Stateful {

  /** Where a memory belongs. */
  private record Place(String tensor, long offset) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byName = tensor.compareTo(other.tensor);
      return byName != 0 ? byName : Long.compare(offset, other.offset);
    }
  }

  private final Encoder encoder;
  private final Decoder decoder;
  private final Map<Place, float[]> memories = new TreeMap<>();
  private float[] wanted = new float[0];
  private float[] decoded = new float[0];

  Remembering(Encoder encoder, Decoder decoder) {
    this.encoder = encoder;
    this.decoder = decoder;
  }

  @Override
  public int maxSideBytes(int count) {
    return encoder.maxSideBytes(count);
  }

  @Override
  public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
    if (count != unit.length()) {
      throw new SitsOut("errorfeedback must be the first codec of its chain");
    }
    if (wanted.length < count) {
      wanted = new float[count];
      decoded = new float[count];
    }
    float[] memory =
        memories.computeIfAbsent(
            new Place(unit.tensor().name(), unit.offset()), place -> new float[count]);
    for (int i = 0; i < count; i++) {
      values[i] += memory[i];
    }
    System.arraycopy(values, 0, wanted, 0, count);
    int begin = side.position();
    int kept = encoder.encode(round, unit, values, count, side);
    System.arraycopy(values, 0, decoded, 0, kept);
    ByteBuffer sent = side.slice(begin, side.position() - begin).order(ByteOrder.LITTLE_ENDIAN);
    decoder.decode(sent, decoded, kept, count);
    remember(memory, count);
    return kept;
  }

  /** What is not finite is refused by whoever receives it; remembered, it would never go away. */
  private void remember(float[] memory, int count) {
    float zero = 0;
    for (int i = 0; i < count; i++) {
      zero += 0 * (wanted[i] - decoded[i]);
    }
    if (zero == 0) {
      for (int i = 0; i < count; i++) {
        memory[i] = wanted[i] - decoded[i];
      }
    }
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    out.writeInt(memories.size());
    for (Map.Entry<Place, float[]> memory : memories.entrySet()) {
      float[] values = memory.getValue();
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      bytes.asFloatBuffer().put(values);
      out.writeUTF(memory.getKey().tensor());
      out.writeLong(memory.getKey().offset());
      out.writeInt(values.length);
      out.write(bytes.array());
    }
    if (encoder instanceof Stateful stateful) {
      stateful.snapshot(out);
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    memories.clear();
    for (int left = in.readInt(); left > 0; left--) {
      Place place = new Place(in.readUTF(), in.readLong());
      float[] values = new float[in.readInt()];
      byte[] bytes = new byte[4 * values.length];
      in.readFully(bytes);
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
      memories.put(place, values);
    }
    if (encoder instanceof Stateful stateful) {
      stateful.restore(in);
    }
  }
}
