package fedllm.learning.model;

import org.osgi.annotation.versioning.ConsumerType;

/** Builds the models of one family from their configuration. Stateless, safe for many threads. */
@ConsumerType
public interface ModelFamily {

  /** Whether a model is of this family, by {@code model_type} or {@code architectures}. */
  boolean claims(ModelConfig config);

  /**
   * Reads the configuration of a model of this family.
   *
   * @param head what the model is asked for
   * @throws fedllm.api.error.SitsOut when configuration or head ask for something that the family
   *     cannot do; the message names the key
   */
  Architecture open(ModelConfig config, Head head);
}
