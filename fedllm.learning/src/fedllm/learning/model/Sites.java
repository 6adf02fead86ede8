package fedllm.learning.model;

import org.osgi.annotation.versioning.ProviderType;

/** How a model's script refers to its weights and to its sites with what is added there. */
@ProviderType
public interface Sites {

  /** The expression of a weight that is no matrix, such as {@code w[3]}, as 32-bit floats. */
  String weight(String name);

  /**
   * The expression of a linear layer applied to {@code x}, 32-bit floats, with its bias if the
   * model has a weight {@code SITE.bias}, and with what methods add.
   */
  String linear(String site, String x);

  /**
   * As {@link #linear}, but left in the type that products read, which may have 16 bits, where
   * there is no bias and no method adds anything: for what goes on to another product or is soon
   * added to the stream.
   */
  String narrow(String site, String x);

  /**
   * The expression of the logits at a site of that kind: the product of {@code x} with the weight
   * {@code table}, with its bias if the model has a weight {@code SITE.bias}, and with what methods
   * add.
   */
  String project(String table, String site, String x);

  /** The expression of an embedding of {@code ids}, with what methods add. */
  String embedding(String site, String ids);

  /**
   * What methods make of {@code y} at a site that reads {@code x}; {@code y} where there is none.
   */
  String at(String site, String x, String y);
}
