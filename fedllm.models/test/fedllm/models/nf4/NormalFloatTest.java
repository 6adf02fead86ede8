package fedllm.models.nf4;

import fedllm.api.tensor.Tensor;
import fedllm.learning.quantize.Absmax;
import fedllm.learning.quantize.Nf4;
import fedllm.learning.storage.Storage;
import fedllm.testkit.learning.StorageContract;
import java.nio.ByteBuffer;

class NormalFloatTest implements StorageContract {

  @Override
  public Storage storage() {
    return new NormalFloat();
  }

  @Override
  public float[] readBack(Tensor tensor, float[] values) {
    ByteBuffer codes = ByteBuffer.allocate(Nf4.bytes(values.length));
    Nf4 matrix = new Nf4(tensor, codes);
    matrix.add(values, 0, values.length);
    Absmax largest = matrix.finish();
    float[] back = new float[values.length];
    Nf4.decode(codes.flip(), largest, 0, back, 0, back.length);
    return back;
  }

  @Override
  public double bytesPerValue() {
    return 0.53;
  }
}
