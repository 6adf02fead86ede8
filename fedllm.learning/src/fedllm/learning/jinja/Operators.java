package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Arithmetic, as Python does it. */
final class Operators {

  private Operators() {}

  static Object apply(Work work, String operator, Object a, Object b) {
    if (operator.equals("~")) {
      return joined(work, Printed.text(work, a), Printed.text(work, b));
    }
    if (operator.equals("+") && a instanceof String left && b instanceof String right) {
      return joined(work, left, right);
    }
    if (operator.equals("+") && a instanceof List<?> left && b instanceof List<?> right) {
      work.spend(8L * (left.size() + right.size()));
      List<Object> both = new ArrayList<>(left);
      both.addAll(right);
      return both;
    }
    if (operator.equals("*") && Values.isNumber(a) != Values.isNumber(b)) {
      return Values.isNumber(a) ? repeated(work, b, a) : repeated(work, a, b);
    }
    if (!Values.isNumber(a) || !Values.isNumber(b)) {
      throw new TemplateError(
          "'" + operator + "' is not known between " + Values.type(a) + " and " + Values.type(b));
    }
    Number x = Values.number(a);
    Number y = Values.number(b);
    try {
      return x instanceof Long i && y instanceof Long j && !operator.equals("/")
          ? whole(operator, i, j)
          : real(operator, x.doubleValue(), y.doubleValue());
    } catch (ArithmeticException e) {
      throw new TemplateError("'" + operator + "' has no result that can be used");
    }
  }

  private static String joined(Work work, String left, String right) {
    work.spend((long) left.length() + right.length());
    return left + right;
  }

  private static Object repeated(Work work, Object value, Object times) {
    int count = Math.max(0, Arguments.whole(Values.number(times), 0));
    if (value instanceof String text) {
      work.spend((long) count * text.length());
      return text.repeat(count);
    }
    if (value instanceof List<?> list) {
      work.spend(8L * count * list.size());
      List<Object> all = new ArrayList<>();
      Collections.nCopies(count, list).forEach(all::addAll);
      return all;
    }
    throw new TemplateError(Values.type(value) + " cannot be repeated");
  }

  private static Object whole(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "//" -> Math.floorDiv(a, b);
      case "%" -> Math.floorMod(a, b);
      default -> power(a, b);
    };
  }

  private static Object power(long a, long b) {
    double power = Math.pow((double) a, (double) b);
    if (b < 0) {
      return power;
    }
    if (Math.abs(power) > 1L << 53) {
      throw new ArithmeticException("too large");
    }
    return (long) power;
  }

  private static Object real(String operator, double a, double b) {
    double result =
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> a / b;
          case "//" -> Math.floor(a / b);
          case "%" -> a - b * Math.floor(a / b);
          default -> Math.pow(a, b);
        };
    if (Double.isNaN(result) || Double.isInfinite(result)) {
      throw new ArithmeticException("not a number");
    }
    return result;
  }
}
