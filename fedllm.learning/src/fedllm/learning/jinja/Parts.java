package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is inside a value: by name, by place, from place to place. */
final class Parts {

  private Parts() {}

  /** {@code value.name}. */
  static Object named(Object value, String name) {
    Object part = part(value, name);
    return part == Undefined.ELEMENT ? new Undefined(name) : part;
  }

  private static Object part(Object value, String name) {
    if (value instanceof String text) {
      Callable method = TextMethods.of(text, name);
      return method != null ? method : Undefined.ELEMENT;
    }
    if (value instanceof Map<?, ?> map) {
      Callable method = MapMethods.of(map, name);
      return method != null ? method : entry(map, name);
    }
    if (value instanceof Namespace namespace) {
      return entry(namespace.values(), name);
    }
    if (value instanceof Loop loop) {
      return loop.get(name);
    }
    refuseUndefined(value);
    return Undefined.ELEMENT;
  }

  /** {@code value[key]}. */
  static Object at(Object value, Object key) {
    if (value instanceof List<?> list && key instanceof Long place) {
      long i = place < 0 ? place + list.size() : place;
      return i >= 0 && i < list.size() ? list.get((int) i) : Undefined.ELEMENT;
    }
    if (value instanceof String text && key instanceof Long place) {
      int length = text.codePointCount(0, text.length());
      long i = place < 0 ? place + length : place;
      return i >= 0 && i < length ? point(text, (int) i) : Undefined.ELEMENT;
    }
    if (value instanceof Map<?, ?> map) {
      return entry(map, key);
    }
    if (key instanceof String name) {
      return part(value, name);
    }
    refuseUndefined(value);
    return Undefined.ELEMENT;
  }

  private static String point(String text, int i) {
    return Character.toString(text.codePointAt(text.offsetByCodePoints(0, i)));
  }

  private static Object entry(Map<?, ?> map, Object key) {
    return map.containsKey(key) ? map.get(key) : Undefined.ELEMENT;
  }

  private static void refuseUndefined(Object value) {
    if (value instanceof Undefined undefined) {
      throw new TemplateError(undefined.name() + " is undefined and has no parts");
    }
  }

  /** {@code value[from:to:step]}, as in Python; what is none is left out. */
  static Object slice(Work work, Object value, Object from, Object to, Object step) {
    int stride = Arguments.whole(step, 1);
    if (stride == 0) {
      throw new TemplateError("a slice goes nowhere by steps of 0");
    }
    if (value instanceof String text) {
      List<?> points = Values.elements(work, text);
      StringBuilder out = new StringBuilder();
      pick(points, from, to, stride).forEach(out::append);
      return out.toString();
    }
    if (value instanceof List<?> list) {
      work.spend(8L * list.size());
      return pick(list, from, to, stride);
    }
    throw new TemplateError(Values.type(value) + " cannot be sliced");
  }

  private static List<Object> pick(List<?> list, Object from, Object to, int stride) {
    int size = list.size();
    int lowest = stride > 0 ? 0 : -1;
    int highest = stride > 0 ? size : size - 1;
    int first = bound(from, stride > 0 ? lowest : highest, size, lowest, highest);
    int last = bound(to, stride > 0 ? highest : lowest, size, lowest, highest);
    List<Object> picked = new ArrayList<>();
    for (long i = first; stride > 0 ? i < last : i > last; i += stride) {
      picked.add(list.get((int) i));
    }
    return picked;
  }

  private static int bound(Object given, int missing, int size, int lowest, int highest) {
    if (given == null || given == Undefined.NOTHING) {
      return missing;
    }
    int place = Arguments.whole(given, missing);
    return Math.max(lowest, Math.min(highest, place < 0 ? place + size : place));
  }
}
