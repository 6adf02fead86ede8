package fedllm.learning.peft;

import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
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
   * How a client takes part in a round whose state has these tensors; by default it trains the
   * state itself, or the ranks of it that its order gives.
   *
   * @param state the tensors of the global state; those of {@link #open} before there is one
   */
  default Role role(Options options, Architecture model, Schema state) {
    return new Role.Whole(open(options, model));
  }

  /**
   * The adapter that an {@code adapter_config.json} describes; empty where it is of another method.
   *
   * @throws fedllm.api.error.SitsOut when the file asks for what the method cannot do, by its key
   */
  default Optional<Adapter> read(AdapterConfig config, Architecture model) {
    return Optional.empty();
  }
}
