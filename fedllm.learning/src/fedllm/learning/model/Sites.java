package fedllm.learning.model;

import org.osgi.annotation.versioning.ProviderType;

/** How a model's script refers to its weights and to its linear layers with what is added there. */
@ProviderType
public interface Sites {

  /** The expression of a weight, such as {@code w[3]}. */
  String weight(String name);

  /** The expression of a linear layer, with what a method adds to it, applied to {@code x}. */
  String linear(String site, String x);
}
