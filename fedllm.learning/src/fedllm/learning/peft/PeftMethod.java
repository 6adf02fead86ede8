package fedllm.learning.peft;

import fedllm.api.plugin.Options;
import fedllm.learning.model.Architecture;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Says what is trained beside a frozen model. Stateless, safe for many threads. */
@ConsumerType
public interface PeftMethod {

  /**
   * Chooses sites of the model and says what stands there.
   *
   * @throws fedllm.api.error.SitsOut when the options do not fit the model
   */
  Adapter open(Options options, Architecture model);

  /**
   * The adapter that an {@code adapter_config.json} describes; empty where it is of another method.
   *
   * @throws fedllm.api.error.SitsOut when the file asks for what the method cannot do, by its key
   */
  default Optional<Adapter> read(AdapterConfig config, Architecture model) {
    return Optional.empty();
  }
}
