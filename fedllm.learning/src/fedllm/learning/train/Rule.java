package fedllm.learning.train;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An optimizer: what it remembers of each trained tensor, and one step.
 *
 * @param learningRate the rate at its highest
 * @param memory what it remembers
 * @param text the body, indented by four, of a TorchScript method. It sees the lists {@code p}, the
 *     trained tensors, which it changes; {@code g}, their gradients, which it may use up; one list
 *     for each memory, by its name; and {@code rate}, the learning rate of this step, a float
 */
public record Rule(double learningRate, List<Memory> memory, String text) {

  public Rule {
    memory = List.copyOf(memory);
  }

  /**
   * One tensor beside each that is trained, zero at first.
   *
   * @param name what the text calls the list of them
   * @param shape its sizes, from those of the trained one
   */
  public record Memory(String name, UnaryOperator<List<Long>> shape) {

    /** One as large as what is trained. */
    public static Memory like(String name) {
      return new Memory(name, shape -> shape);
    }

    /** One number. */
    public static Memory number(String name) {
      return new Memory(name, shape -> List.of());
    }
  }
}
