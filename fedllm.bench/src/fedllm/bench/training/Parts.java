package fedllm.bench.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The engine's operators, gathered into the parts of a training step. */
final class Parts {

  /** The first whose word is in an operator's name has it. */
  private static final Map<String, List<String>> WORDS = new LinkedHashMap<>();

  static {
    WORDS.put("attention", List.of("scaled_dot_product"));
    WORDS.put("loss", List.of("softmax", "gather", "scatter", "index_", "nonzero"));
    WORDS.put("optimizer", List.of("adamw", "_foreach", "vector_norm"));
    WORDS.put("embedding", List.of("embedding"));
    WORDS.put("products", List.of("mm", "linear", "matmul", "Mm"));
    WORDS.put("conversions", List.of("copy", "to_dense", "to_mkldnn", "ToDense", "Mkldnn"));
    WORDS.put("norms", List.of("rms_norm", "layer_norm", "pow", "mean", "rsqrt"));
    WORDS.put(
        "elementwise", List.of("::mul", "::add", "::div", "silu", "::cat", "neg", "::sum", "exp"));
  }

  private Parts() {}

  /** Milliseconds by part, the rest as {@code other}. */
  static Map<String, Double> of(Map<String, Double> operators) {
    Map<String, Double> parts = new LinkedHashMap<>();
    WORDS.keySet().forEach(part -> parts.put(part, 0.0));
    operators.forEach((operator, ms) -> parts.merge(part(operator), ms, Double::sum));
    return parts;
  }

  private static String part(String operator) {
    for (Map.Entry<String, List<String>> part : WORDS.entrySet()) {
      if (part.getValue().stream().anyMatch(operator::contains)) {
        return part.getKey();
      }
    }
    return "other";
  }
}
