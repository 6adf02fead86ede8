package fedllm.learning.base;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Weight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A base's weights as TorchScript expressions over the list {@code w}. Immutable. */
final class HeldWeights {

  private final Precision precision;
  private final Map<String, Weight> weights = new HashMap<>();
  private final Map<String, List<Integer>> held;

  /** The weights of a model, of which {@code held} says where in w they lie. */
  HeldWeights(Architecture architecture, Precision precision, Map<String, List<Integer>> held) {
    this.precision = precision;
    this.held = held;
    architecture.weights().forEach(weight -> weights.put(weight.name(), weight));
  }

  boolean has(String name) {
    return weights.containsKey(name);
  }

  /** What holds a weight. */
  List<String> held(String name) {
    List<Integer> places = held.get(name);
    if (places == null) {
      throw new IllegalArgumentException("no weight is called " + name);
    }
    return places.stream().map(i -> "w[" + i + "]").toList();
  }

  /** A weight in 32-bit floats. */
  String floats(String name) {
    Weight weight = weights.get(name);
    return weight == null || weight.role() == Weight.Role.VECTOR
        ? held(name).get(0)
        : matrix(name, 6);
  }

  /** A matrix in the route's own type. */
  String matrix(String name) {
    return matrix(name, precision.route().dtype());
  }

  /** A matrix; 6 for 32-bit floats, 15 for bfloat16. */
  String matrix(String name, int dtype) {
    Weight weight = weights.get(name);
    List<Long> shape = weight.tensor().shape();
    return Base.storage(precision, weight).matrix(held(name), shape.get(0), shape.get(1), dtype);
  }

  /** As {@link #product}, but without a bias in the route's own type. */
  String narrow(String weight, String bias, String x) {
    if (has(bias) || !precision.route().singles()) {
      return product(weight, bias, x);
    }
    return "(self).linear(" + x + ", " + matrix(weight) + ")";
  }

  /** {@code x Wᵀ}, and a bias if the model has one of that name. */
  String product(String weight, String bias, String x) {
    if (!precision.route().singles()) {
      return has(bias)
          ? precision.route().linear(x, matrix(weight), held(bias).get(0))
          : precision.route().linear(x, matrix(weight));
    }
    String product = "torch.to((self).linear(" + x + ", " + matrix(weight) + "), 6)";
    return has(bias) ? product + " + " + held(bias).get(0) : product;
  }
}
