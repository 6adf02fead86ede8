package fedllm.models.bf16;

import fedllm.api.tensor.Tensor;
import fedllm.format.Dtype;
import fedllm.format.Floats;
import fedllm.learning.storage.Storage;
import fedllm.testkit.learning.StorageContract;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

class Bf16Test implements StorageContract {

  @Override
  public Storage storage() {
    return new Bf16();
  }

  @Override
  public float[] readBack(Tensor tensor, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Floats.write(Dtype.BF16, values, 0, values.length, bytes);
    float[] back = new float[values.length];
    Floats.read(Dtype.BF16, bytes.flip(), back, 0, back.length);
    return back;
  }

  @Override
  public double bytesPerValue() {
    return 2;
  }
}
