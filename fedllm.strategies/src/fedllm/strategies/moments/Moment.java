package fedllm.strategies.moments;

import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One number for each value of the global state, remembered from round to round: as many floats as
 * the model has. It does not depend on how units are cut. One thread.
 */
public final class Moment {

  private static final int BLOCK = Unit.MAX_VALUES;

  private final float initial;
  private final Map<String, float[][]> tensors = new LinkedHashMap<>();

  /** All values are {@code initial}. */
  public Moment(float initial) {
    this.initial = initial;
  }

  private interface Visit {
    void take(float[] block, int at, int inUnit, int count);
  }

  /** Reads a unit's numbers into {@code out[0..unit.length())}. */
  public void load(Unit unit, float[] out) {
    each(unit, (block, at, inUnit, count) -> System.arraycopy(block, at, out, inUnit, count));
  }

  /** Takes a unit's numbers from {@code values[0..unit.length())}. */
  public void store(Unit unit, float[] values) {
    each(unit, (block, at, inUnit, count) -> System.arraycopy(values, inUnit, block, at, count));
  }

  private void each(Unit unit, Visit visit) {
    int inUnit = 0;
    for (Tensor tensor : unit.tensors()) {
      long from = unit.tensors().size() == 1 ? unit.offset() : 0;
      long to = from + Math.min(tensor.size() - from, unit.length() - inUnit);
      float[][] blocks = tensors.computeIfAbsent(tensor.name(), name -> blocks(tensor));
      while (from < to) {
        int at = (int) (from % BLOCK);
        int count = (int) Math.min(BLOCK - at, to - from);
        visit.take(blocks[(int) (from / BLOCK)], at, inUnit, count);
        from += count;
        inUnit += count;
      }
    }
  }

  private float[][] blocks(Tensor tensor) {
    float[][] blocks = new float[Unit.blocks(tensor)][];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = new float[Unit.block(tensor, i).length()];
      Arrays.fill(blocks[i], initial);
    }
    return blocks;
  }

  /** Writes all numbers. */
  public void write(DataOutput out) throws IOException {
    out.writeInt(tensors.size());
    for (Map.Entry<String, float[][]> tensor : tensors.entrySet()) {
      out.writeUTF(tensor.getKey());
      out.writeInt(tensor.getValue().length);
      for (float[] block : tensor.getValue()) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * block.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(block);
        out.writeInt(block.length);
        out.write(bytes.array());
      }
    }
  }

  /** Replaces all numbers by what was written. */
  public void read(DataInput in) throws IOException {
    tensors.clear();
    for (int left = in.readInt(); left > 0; left--) {
      String name = in.readUTF();
      float[][] blocks = new float[in.readInt()][];
      for (int i = 0; i < blocks.length; i++) {
        byte[] bytes = new byte[4 * in.readInt()];
        in.readFully(bytes);
        blocks[i] = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(blocks[i]);
      }
      tensors.put(name, blocks);
    }
  }
}
