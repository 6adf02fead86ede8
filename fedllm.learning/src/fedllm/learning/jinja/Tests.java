package fedllm.learning.jinja;

import java.util.List;
import java.util.Map;

/** What stands after {@code is}. */
final class Tests {

  private static final Map<String, Test> ALL =
      Map.ofEntries(
          Map.entry("boolean", (work, value, other) -> value instanceof Boolean),
          Map.entry("callable", (work, value, other) -> value instanceof Callable),
          Map.entry("defined", (work, value, other) -> !(value instanceof Undefined)),
          Map.entry("divisibleby", (work, value, other) -> whole(value) % divisor(other) == 0),
          Map.entry("eq", Values::equal),
          Map.entry("equalto", Values::equal),
          Map.entry("even", (work, value, other) -> whole(value) % 2 == 0),
          Map.entry("false", (work, value, other) -> Boolean.FALSE.equals(value)),
          Map.entry("float", (work, value, other) -> value instanceof Double),
          Map.entry("ge", (work, value, other) -> Values.compare(work, value, other) >= 0),
          Map.entry("gt", (work, value, other) -> Values.compare(work, value, other) > 0),
          Map.entry("in", (work, value, other) -> Values.contains(work, other, value)),
          Map.entry("integer", (work, value, other) -> value instanceof Long),
          Map.entry("iterable", (work, value, other) -> iterable(value)),
          Map.entry("le", (work, value, other) -> Values.compare(work, value, other) <= 0),
          Map.entry("lt", (work, value, other) -> Values.compare(work, value, other) < 0),
          Map.entry("mapping", (work, value, other) -> value instanceof Map),
          Map.entry("ne", (work, value, other) -> !Values.equal(work, value, other)),
          Map.entry("none", (work, value, other) -> value == null),
          Map.entry("number", (work, value, other) -> Values.isNumber(value)),
          Map.entry("odd", (work, value, other) -> whole(value) % 2 != 0),
          Map.entry("sequence", (work, value, other) -> iterable(value)),
          Map.entry("string", (work, value, other) -> value instanceof String),
          Map.entry("true", (work, value, other) -> Boolean.TRUE.equals(value)),
          Map.entry("undefined", (work, value, other) -> value instanceof Undefined));

  private static final List<String> BINARY =
      List.of("divisibleby", "eq", "equalto", "ge", "gt", "in", "le", "lt", "ne");

  private Tests() {}

  static boolean knows(String name) {
    return ALL.containsKey(name);
  }

  /** Whether a value passes the test that comes first in a list, before its argument. */
  static boolean passes(Work work, Object value, List<Object> test) {
    if (test.isEmpty()) {
      return Values.truth(value);
    }
    String name = Arguments.text(test.get(0), "");
    Test named = ALL.get(name);
    if (named == null) {
      throw new TemplateError("there is no such test here");
    }
    int arguments = BINARY.contains(name) ? 1 : 0;
    if (test.size() - 1 != arguments) {
      throw new TemplateError("this test takes " + arguments + " arguments");
    }
    return named.passes(work, value, arguments == 0 ? null : test.get(1));
  }

  private static boolean iterable(Object value) {
    return value instanceof List
        || value instanceof Map
        || value instanceof String
        || value instanceof Undefined;
  }

  private static long whole(Object value) {
    if (Values.number(value) instanceof Long whole) {
      return whole;
    }
    throw new TemplateError("needs a whole number");
  }

  private static long divisor(Object value) {
    if (whole(value) == 0) {
      throw new TemplateError("nothing is divisible by 0");
    }
    return whole(value);
  }

  @FunctionalInterface
  private interface Test {
    boolean passes(Work work, Object value, Object other);
  }
}
