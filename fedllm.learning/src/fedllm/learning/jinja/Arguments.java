package fedllm.learning.jinja;

import java.util.List;
import java.util.Map;

/** What is given to a function, filter or test. */
record Arguments(List<Object> places, Map<String, Object> names) {

  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /**
   * The values of parameters in their order, {@link Undefined#NOTHING} for those not given; others
   * are refused.
   *
   * @param needed how many must be given
   */
  Object[] of(int needed, String... parameters) {
    if (places.size() > parameters.length) {
      throw new TemplateError("takes at most " + parameters.length + " arguments");
    }
    Object[] values = new Object[parameters.length];
    int named = 0;
    for (int i = 0; i < values.length; i++) {
      boolean byName = names.containsKey(parameters[i]);
      named += byName ? 1 : 0;
      values[i] =
          i < places.size() ? places.get(i) : byName ? names.get(parameters[i]) : Undefined.NOTHING;
      if (i < needed && values[i] == Undefined.NOTHING) {
        throw new TemplateError("needs the argument " + parameters[i]);
      }
    }
    if (named != names.size()) {
      throw new TemplateError("takes no argument named " + names.keySet());
    }
    return values;
  }

  /** A whole number. */
  static int whole(Object value, int missing) {
    if (value == Undefined.NOTHING || value == null) {
      return missing;
    }
    if (value instanceof Long number && number == number.intValue()) {
      return number.intValue();
    }
    throw new TemplateError("needs a whole number, not " + Values.type(value));
  }

  /** A text, or {@code missing} where none is given. */
  static String text(Object value, String missing) {
    if (value == Undefined.NOTHING || value == null) {
      return missing;
    }
    if (value instanceof String text) {
      return text;
    }
    throw new TemplateError("needs text, not " + Values.type(value));
  }
}
