package fedllm.learning.peft;

import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Work;

/**
 * How one client takes part in a round: what it trains of a global state, and what of that travels.
 * Immutable.
 */
public interface Role {

  /** The adapter as it is trained; its tensors may be others than the state's. */
  Adapter adapter();

  /** The run's first global state, of the first values of {@link #adapter}. */
  default Tensors start(Tensors first) {
    return first;
  }

  /**
   * What the client's model holds when the round begins, in the order of {@link #adapter}; of what
   * is that already itself.
   *
   * @throws fedllm.api.error.SitsOut when the state or the order is not for this adapter
   */
  Tensors hold(Tensors global, Work work, Scope scope);

  /** Whether a tensor of {@link #adapter} is trained, and travels in the update. */
  default boolean moves(Tensor tensor) {
    return true;
  }

  /**
   * The state as this client would use it, for the adapter as it was opened; of what is that
   * already itself.
   */
  Tensors view(Tensors global, Work work);

  /** A client that trains the state itself, or the share of it that its order gives. */
  record Whole(Adapter adapter) implements Role {

    @Override
    public Tensors hold(Tensors global, Work work, Scope scope) {
      return view(global, work);
    }

    @Override
    public Tensors view(Tensors global, Work work) {
      return Restriction.of(adapter, work.settings()).of(global);
    }
  }
}
