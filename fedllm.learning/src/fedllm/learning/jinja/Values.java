package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What values mean. They are {@code null} for none, Boolean, Long, Double, String, List, Map with
 * String keys, {@link Namespace}, {@link Loop}, {@link Callable} and {@link Undefined}.
 */
final class Values {

  private Values() {}

  static boolean truth(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  static boolean equal(Work work, Object a, Object b) {
    work.spend(1);
    if (isNumber(a) && isNumber(b)) {
      return number(a).doubleValue() == number(b).doubleValue();
    }
    if (a instanceof String text) {
      work.spend(text.length());
      return text.equals(b);
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      boolean same = left.size() == right.size();
      for (int i = 0; same && i < left.size(); i++) {
        same = equal(work, left.get(i), right.get(i));
      }
      return same;
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      boolean same = left.keySet().equals(right.keySet());
      for (Map.Entry<?, ?> entry : left.entrySet()) {
        same = same && equal(work, entry.getValue(), right.get(entry.getKey()));
      }
      return same;
    }
    return a instanceof Undefined ? b instanceof Undefined : Objects.equals(a, b);
  }

  /** Below, at or above zero as {@code a} is to {@code b}. */
  static int compare(Work work, Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      return number(a) instanceof Long x && number(b) instanceof Long y
          ? Long.compare(x, y)
          : Double.compare(number(a).doubleValue(), number(b).doubleValue());
    }
    if (a instanceof String left && b instanceof String right) {
      work.spend(left.length());
      return left.compareTo(right);
    }
    throw new TemplateError(type(a) + " and " + type(b) + " have no order");
  }

  /** Whether {@code part} is in {@code whole}. */
  static boolean contains(Work work, Object whole, Object part) {
    if (whole instanceof String text) {
      if (part instanceof String piece) {
        work.spend(text.length());
        return text.contains(piece);
      }
      throw new TemplateError(type(part) + " cannot be in text");
    }
    if (whole instanceof Map<?, ?> map) {
      return map.containsKey(part);
    }
    for (Object value : elements(work, whole)) {
      if (equal(work, value, part)) {
        return true;
      }
    }
    return false;
  }

  /** What a loop goes over. */
  static List<?> elements(Work work, Object value) {
    if (value instanceof List<?> list) {
      work.spend(8L * list.size());
      return list;
    }
    if (value instanceof Map<?, ?> map) {
      work.spend(map.size());
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      work.spend(50L * text.length());
      return text.codePoints().mapToObj(Character::toString).toList();
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateError(type(value) + " has no elements");
  }

  static long length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw new TemplateError(type(value) + " has no length");
  }

  /** In Python truths are numbers. */
  static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  static Number number(Object value) {
    if (value instanceof Boolean truth) {
      return truth ? 1L : 0L;
    }
    if (value instanceof Number number) {
      return number;
    }
    throw new TemplateError("needs a number, not " + type(value));
  }

  /** For messages. */
  static String type(Object value) {
    if (value == null) {
      return "none";
    }
    if (value instanceof Undefined undefined) {
      return undefined.name() + ", which is undefined,";
    }
    if (value instanceof String) {
      return "text";
    }
    if (value instanceof List<?>) {
      return "a list";
    }
    if (value instanceof Map<?, ?>) {
      return "a map";
    }
    return isNumber(value) ? "a number" : "a " + value.getClass().getSimpleName();
  }
}
