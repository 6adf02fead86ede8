package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import fedllm.format.SafetensorsFile;
import fedllm.format.TensorInfo;
import fedllm.learning.kernel.Casts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Values of files' tensors as arrays of the engine, read through one buffer that is used again: an
 * array is good until the next is asked for. The file is read and not mapped, for somebody may
 * shorten it, and a fault in the engine would end the process. Used by one thread.
 */
final class RowReader {

  private final NDManager manager;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /** Makes arrays that {@code manager} owns until the caller closes them. */
  RowReader(NDManager manager) {
    this.manager = manager;
  }

  /**
   * Values of an F32, F16 or BF16 tensor.
   *
   * @param from the first of them
   * @param halves whether BF16 may stay so; all else becomes 32-bit floats
   */
  NDArray read(SafetensorsFile file, TensorInfo info, long from, long[] shape, boolean halves) {
    int bytes = Math.toIntExact(new Shape(shape).size() * info.dtype().bytes());
    ByteBuffer filled = file.read(info, from * info.dtype().bytes(), room(bytes));
    return switch (info.dtype()) {
      case F32 -> manager.create(filled, new Shape(shape), DataType.FLOAT32);
      case F16 -> converted(manager.create(filled, new Shape(shape), DataType.FLOAT16));
      case BF16 -> {
        long[] doubled = shape.clone();
        doubled[doubled.length - 1] *= 2;
        try (NDArray raw = manager.create(filled, new Shape(doubled), DataType.UINT8)) {
          yield halves ? Casts.bfloat16(raw) : converted(Casts.bfloat16(raw));
        }
      }
      default -> throw new IllegalArgumentException(info + " was to be refused before");
    };
  }

  private static NDArray converted(NDArray halves) {
    try (halves) {
      return Casts.to(halves, 6);
    }
  }

  private ByteBuffer room(int bytes) {
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }
    return buffer.clear().limit(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
