package fedllm.api.optimizer;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import org.osgi.annotation.versioning.ConsumerType;

/** Turns the global state and a round's combined update into the next global state. */
@ConsumerType
public interface ServerOptimizer {

  /** Opens one run's worker, used by one thread; it is {@code Stateful} where it remembers. */
  Descent open(Options options, Scope scope);
}
