package fedllm.models.int8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Tensor;
import fedllm.learning.quantize.Int8;
import fedllm.learning.storage.Storage;
import java.nio.ByteBuffer;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** A byte a value and a scale for each row: {@code W = q * s}, made anew at each use. */
@Component
@Plugin(
    name = "int8",
    does = "holds frozen matrices as bytes with a scale for each row, 1 byte a value")
public final class EightBit implements Storage {

  @Override
  public String matrix(List<String> held, long rows, long columns, int dtype) {
    return "torch.to(torch.mul(" + held.get(0) + ", " + held.get(1) + "), " + dtype + ")";
  }

  @Override
  public boolean coded() {
    return true;
  }

  @Override
  public Held open(NDManager owner, Tensor tensor) {
    ByteBuffer codes = ByteBuffer.allocateDirect(Math.toIntExact(tensor.size()));
    Int8 matrix = new Int8(tensor, codes);
    return new Held() {
      @Override
      public void add(NDArray rows) {
        float[] values = rows.toFloatArray();
        matrix.add(values, 0, values.length);
      }

      @Override
      public NDList all() {
        float[] scales = matrix.scales();
        int columns = Math.toIntExact(tensor.size() / scales.length);
        try (NDManager lent = owner.newSubManager()) {
          // Copies: what Java made lies in Java's direct memory, of which there is little.
          NDArray bytes =
              lent.create(codes.flip(), new Shape(scales.length, columns), DataType.INT8)
                  .duplicate();
          NDArray steps = lent.create(scales, new Shape(scales.length, 1)).duplicate();
          bytes.attach(owner);
          steps.attach(owner);
          return new NDList(bytes, steps);
        }
      }
    };
  }
}
