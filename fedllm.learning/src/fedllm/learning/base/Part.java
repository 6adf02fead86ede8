package fedllm.learning.base;

/** Further methods of a model's script. Stateless. */
@FunctionalInterface
public interface Part {

  /** The methods, each with its {@code def} indented by two; they may call those of the script. */
  String text(Script script);

  /** Whether they ask for products with what is trained to be written down. */
  default boolean tapes() {
    return false;
  }

  /** Methods that are the same for every model. */
  static Part of(String text) {
    return script -> text;
  }
}
