package fedllm.api.planner;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import org.osgi.annotation.versioning.ConsumerType;

/** Decides who takes part in a round, and what each is given. */
@ConsumerType
public interface Planner {

  /** Opens one run's worker, used by one thread. */
  Planning open(Options options, Scope scope);
}
