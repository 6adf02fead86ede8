package fedllm.learning.model;

/**
 * A linear layer of a model: a site where a method may add something.
 *
 * @param name as in the weights' names, such as {@code model.layers.0.self_attn.q_proj}
 * @param in how many values it reads
 * @param out how many it writes
 */
public record Linear(String name, int in, int out) {

  /** The last part of the name, such as {@code q_proj}. */
  public String kind() {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
