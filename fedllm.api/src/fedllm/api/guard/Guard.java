package fedllm.api.guard;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Watches and changes messages at a named point of their way: a defence, or an attack to try it.
 */
@ConsumerType
public interface Guard {

  /** Opens one run's worker at one point, used by one thread. */
  Watch open(Options options, Scope scope);
}
