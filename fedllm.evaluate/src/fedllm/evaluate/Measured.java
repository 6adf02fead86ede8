package fedllm.evaluate;

import fedllm.learning.measure.Spent;
import java.util.Map;

/**
 * What one evaluator found.
 *
 * @param metric the evaluator's name
 * @param numbers by name
 * @param cost of measuring, without opening the model
 */
record Measured(String metric, Map<String, Double> numbers, Spent cost) {

  /**
   * Tokens that were read or written; null where the evaluator does not count them, or needed none
   * because another had the model write already.
   */
  Double tokens() {
    return numbers.keySet().stream()
        .filter(name -> name.equals("tokens") || name.endsWith("Tokens"))
        .findFirst()
        .map(numbers::get)
        .filter(tokens -> tokens > 0)
        .orElse(null);
  }

  Double perSecond() {
    return tokens() == null ? null : tokens() / cost.seconds();
  }

  Double perCpuSecond() {
    return tokens() == null ? null : tokens() / cost.cpuSeconds();
  }
}
