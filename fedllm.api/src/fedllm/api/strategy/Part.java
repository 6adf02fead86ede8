package fedllm.api.strategy;

import fedllm.api.tensor.Tensor;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One member's values of one unit; valid until the fold or survey that it was given to returns, and
 * not to be changed.
 */
@ProviderType
public interface Part {

  /** Whose it is. */
  Member member();

  /**
   * The member's own shapes: those of the unit, unless its order gave it others; none where it has
   * nothing of the module.
   */
  List<Tensor> tensors();

  /**
   * The values of those tensors one after the other, decoded when they are asked for, in a buffer
   * of the runtime's that may be longer.
   */
  float[] values();
}
