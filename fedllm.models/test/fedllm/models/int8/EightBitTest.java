package fedllm.models.int8;

import fedllm.api.tensor.Tensor;
import fedllm.learning.quantize.Int8;
import fedllm.learning.storage.Storage;
import fedllm.testkit.learning.StorageContract;
import java.nio.ByteBuffer;

class EightBitTest implements StorageContract {

  @Override
  public Storage storage() {
    return new EightBit();
  }

  @Override
  public float[] readBack(Tensor tensor, float[] values) {
    ByteBuffer codes = ByteBuffer.allocate(values.length);
    Int8 matrix = new Int8(tensor, codes);
    matrix.add(values, 0, values.length);
    float[] back = new float[values.length];
    Int8.decode(tensor, codes.flip(), matrix.scales(), 0, back, 0, back.length);
    return back;
  }

  @Override
  public double bytesPerValue() {
    return 1.01;
  }
}
