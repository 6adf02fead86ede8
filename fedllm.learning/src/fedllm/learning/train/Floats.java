package fedllm.learning.train;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Arrays of floats in a snapshot: how many, and of each its length and values, big-endian. */
public final class Floats {

  private Floats() {}

  /** Writes them. */
  public static void write(DataOutput out, List<float[]> arrays) throws IOException {
    out.writeInt(arrays.size());
    for (float[] values : arrays) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
      bytes.asFloatBuffer().put(values);
      out.writeInt(values.length);
      out.write(bytes.array());
    }
  }

  /** Reads what was written. */
  public static List<float[]> read(DataInput in) throws IOException {
    return read(in, in.readInt());
  }

  /** Reads so many arrays, whose number was read before. */
  static List<float[]> read(DataInput in, int count) throws IOException {
    List<float[]> read = new ArrayList<>();
    for (int left = count; left > 0; left--) {
      float[] values = new float[in.readInt()];
      byte[] bytes = new byte[Math.multiplyExact(values.length, Float.BYTES)];
      in.readFully(bytes);
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
      read.add(values);
    }
    return List.copyOf(read);
  }
}
