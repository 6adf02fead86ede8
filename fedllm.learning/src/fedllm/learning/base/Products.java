package fedllm.learning.base;

import java.util.List;
import java.util.function.BinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The products {@code linear(x, A)} in an equation. */
final class Products {

  private static final Pattern LINEAR = Pattern.compile("(?<![\\w.])linear\\(");

  private Products() {}

  /**
   * Writes each product anew, inner ones first.
   *
   * @param form what becomes of the two arguments
   */
  static String write(String equation, BinaryOperator<String> form) {
    Matcher found = LINEAR.matcher(equation);
    if (!found.find()) {
      return equation;
    }
    int depth = 0;
    int comma = -1;
    for (int i = found.end(); i < equation.length(); i++) {
      char c = equation.charAt(i);
      if (c == '(' || c == '[') {
        depth++;
      } else if (depth == 0 && c == ')') {
        if (comma < 0) {
          break;
        }
        String x = write(equation.substring(found.end(), comma).strip(), form);
        String matrix = write(equation.substring(comma + 1, i).strip(), form);
        return equation.substring(0, found.start())
            + form.apply(x, matrix)
            + write(equation.substring(i + 1), form);
      } else if (c == ')' || c == ']') {
        depth--;
      } else if (depth == 0 && c == ',') {
        comma = i;
      }
    }
    throw new IllegalArgumentException("linear has to have two arguments: " + equation);
  }

  /** Whether the equation reads these symbols as the matrices of products and nowhere else. */
  static boolean alone(String equation, List<String> symbols) {
    String rest =
        write(equation, (x, a) -> symbols.contains(a) ? "(" + x + ")" : a + "(" + x + ")");
    return symbols.stream()
        .noneMatch(symbol -> Pattern.compile("\\b" + symbol + "\\b").matcher(rest).find());
  }
}
