package fedllm.learning.objective;

import fedllm.api.plugin.Options;
import org.osgi.annotation.versioning.ConsumerType;

/** What a trainer makes small. Stateless, safe for many threads. */
@ConsumerType
public interface Objective {

  /**
   * The body, indented by four, of a TorchScript method that returns a scalar. It sees
   *
   * <ul>
   *   <li>{@code hidden}: what the model's head reads, [batch, length, width];
   *   <li>{@code head}: the head's matrix, [vocabulary, width];
   *   <li>{@code labels}: the tokens to be foretold, [batch, length], -100 where none is;
   *   <li>{@code now} and {@code start}: lists of the trained tensors, as they are and as they were
   *       when the round began.
   * </ul>
   */
  String loss(Options options);
}
