package fedllm.learning.peft;

import fedllm.api.plugin.Options;
import fedllm.learning.model.Linear;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Says what is trained beside a frozen model. Stateless, safe for many threads. */
@ConsumerType
public interface PeftMethod {

  /**
   * Chooses sites and says what stands beside them.
   *
   * @throws fedllm.api.error.SitsOut when the options do not fit the model
   */
  Adapter open(Options options, List<Linear> linears);
}
