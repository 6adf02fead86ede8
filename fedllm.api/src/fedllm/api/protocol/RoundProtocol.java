package fedllm.api.protocol;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import org.osgi.annotation.versioning.ConsumerType;

/** The course of a run: when rounds open and close. */
@ConsumerType
public interface RoundProtocol {

  /** Opens one run's state machine, used by one thread. */
  Course open(Options options, Scope scope);

  /** How many rounds a run with these options has, for progress; 0 where that is not known. */
  default int rounds(Options options) {
    return 0;
  }
}
