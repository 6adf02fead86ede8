package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.format.Dtype;
import fedllm.format.SafetensorsFile;
import fedllm.format.TensorInfo;
import fedllm.learning.kernel.Casts;
import fedllm.learning.kernel.Torch;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;

/**
 * Values of files' tensors as arrays of the engine. The file is read and not mapped, for somebody
 * may shorten it, and a fault in the engine would end the process. Used by one thread.
 */
final class RowReader implements AutoCloseable {

  private final NDManager manager = Torch.newManager();
  private final Map<Dtype, NDArray> rooms = new EnumMap<>(Dtype.class);

  /** The type, as TorchScript numbers it, that a file's floats have in the engine. */
  static int dtype(Dtype dtype) {
    return switch (dtype) {
      case F32 -> 6;
      case F16 -> 5;
      case BF16 -> 15;
      default -> throw new IllegalArgumentException(dtype + " was to be refused before");
    };
  }

  /** Reads values straight into an array of the processor's that has the type of the file's. */
  static void fill(NDArray array, SafetensorsFile file, TensorInfo info, long from) {
    file.read(
        info, from * info.dtype().bytes(), array.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * Values of an F32, F16 or BF16 tensor as they are, in memory that is used again: good until the
   * next of that type are asked for. The caller closes them.
   *
   * @param from the first of them
   */
  NDArray read(SafetensorsFile file, TensorInfo info, long from, long... shape) {
    long count = new Shape(shape).size();
    NDArray room = rooms.get(info.dtype());
    if (room == null || room.size() < count) {
      if (room != null) {
        room.close();
      }
      room = Casts.empty(manager, count, dtype(info.dtype()));
      rooms.put(info.dtype(), room);
    }
    try (NDArray part = Casts.part(room, 0, count)) {
      fill(part, file, info, from);
      return Casts.shaped(part, shape);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
