package fedllm.learning.model;

import java.util.Arrays;
import org.osgi.annotation.versioning.ConsumerType;

/** How a rotary embedding is made to reach further than the texts that a model learned from. */
@ConsumerType
public interface RopeScaling {

  /** The rates as they are. */
  RopeScaling NONE = (width, theta) -> list(plain(width, theta));

  /**
   * The TorchScript expression of the rates, [width / 2] in 64-bit floats, or [.., width / 2] where
   * they depend on {@code lengths}, [..].
   *
   * @param width how many values turn
   * @param theta the base
   */
  String rates(int width, double theta);

  /** What cosines and sines are multiplied with. */
  default double magnitude() {
    return 1;
  }

  /** Whether a text of {@code to} tokens has other rates than one of {@code from}. */
  default boolean differs(int from, int to) {
    return false;
  }

  /** How many tokens can be read where a configuration names so many positions. */
  default int context(int positions) {
    return positions;
  }

  /** The rates as they are: {@code theta^(-2i/width)}. */
  static double[] plain(int width, double theta) {
    double[] rates = new double[width / 2];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = StrictMath.pow(theta, -2.0 * i / width);
    }
    return rates;
  }

  /** The expression of numbers. */
  static String list(double[] numbers) {
    return "torch.tensor("
        + Arrays.toString(numbers)
        + ", dtype=7, device=ops.prim.device(positions))";
  }
}
