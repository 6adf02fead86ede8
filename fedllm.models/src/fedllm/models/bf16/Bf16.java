package fedllm.models.bf16;

import ai.djl.ndarray.NDManager;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Tensor;
import fedllm.learning.storage.Floating;
import fedllm.learning.storage.Storage;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Two bytes a value, rounded to nearest. */
@Component
@Plugin(name = "bf16", does = "holds frozen matrices as bfloat16, 2 bytes a value")
public final class Bf16 implements Storage {

  @Override
  public int dtype() {
    return Floating.BF16.dtype();
  }

  @Override
  public Held open(NDManager owner, Tensor tensor) {
    return Floating.BF16.open(owner, tensor);
  }

  @Override
  public String matrix(List<String> held, long rows, long columns, int dtype) {
    return Floating.BF16.matrix(held, rows, columns, dtype);
  }
}
