package fedllm.learning.model;

import fedllm.api.tensor.Tensor;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** One model's shape. Immutable. */
@ConsumerType
public interface Architecture {

  /** How many tokens it knows. */
  int vocabulary();

  /** How many tokens it can read at most. */
  int context();

  /** The weights that the files must hold. */
  List<Tensor> weights();

  /** Whether a tensor of the files that is no weight may be left aside. */
  default boolean ignores(String tensor) {
    return false;
  }

  /** The sites where methods may add something, in the order of {@link #script}'s layers. */
  List<Linear> linears();

  /**
   * TorchScript methods, each indented by two:
   *
   * <ul>
   *   <li>{@code hidden(self, ids: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor}: token ids
   *       [batch, length] become what the head reads, [batch, length, width]. A position sees only
   *       those before it;
   *   <li>{@code head(self, w: List[Tensor]) -> Tensor}: the matrix [vocabulary, width] that makes
   *       logits of it.
   * </ul>
   *
   * <p>All names of methods other than these start with {@code model_}.
   */
  String script(Sites sites);
}
