package fedllm.api.trainer;

import fedllm.api.tensor.Tensors;
import org.osgi.annotation.versioning.ConsumerType;

/** One client's learning in one run. */
@ConsumerType
public interface Training extends AutoCloseable {

  /** What round 1 starts from; from the same base and job every silo makes the same bytes. */
  Start initial();

  /**
   * Learns for one round.
   *
   * @param global the decoded broadcast, not to be changed; its arrays are the next round's after
   *     the call
   */
  Learned train(Work work, Tensors global);

  /**
   * The adapter as this client uses it, for those who measure: with its own rank, with what it
   * keeps to itself, or made of what travels instead of an adapter.
   *
   * @param global the decoded broadcast, not to be changed; the answer may be or share it
   */
  default Tensors view(Work work, Tensors global) {
    return global;
  }

  @Override
  default void close() {}
}
