package fedllm.evaluate;

import java.util.Map;

/**
 * What one evaluator found.
 *
 * @param metric the evaluator's name
 * @param numbers by name
 * @param cost of measuring, without opening the model
 */
record Measured(String metric, Map<String, Double> numbers, Cost cost) {

  /** Tokens that were read or written; null where the evaluator does not count them. */
  Double tokens() {
    return numbers.keySet().stream()
        .filter(name -> name.equals("tokens") || name.endsWith("Tokens"))
        .findFirst()
        .map(numbers::get)
        .orElse(null);
  }

  Double perSecond() {
    return tokens() == null ? null : tokens() / cost.seconds();
  }

  Double perCpuSecond() {
    return tokens() == null ? null : tokens() / cost.cpuSeconds();
  }
}
