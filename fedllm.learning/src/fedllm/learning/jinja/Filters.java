package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What stands after {@code |}. */
final class Filters {

  private static final Map<String, Filter> ALL =
      Map.ofEntries(
          Map.entry("abs", (work, value, given) -> abs(Values.number(value))),
          Map.entry("capitalize", (work, value, given) -> TextMethods.capitalized(text(value))),
          Map.entry("count", (work, value, given) -> Values.length(value)),
          Map.entry("d", (work, value, given) -> orElse(value, given)),
          Map.entry("default", (work, value, given) -> orElse(value, given)),
          Map.entry("dictsort", (work, value, given) -> byKey(work, value, given)),
          Map.entry("first", (work, value, given) -> edge(work, value, true)),
          Map.entry("float", (work, value, given) -> toReal(value, given)),
          Map.entry("indent", Filters::indent),
          Map.entry("int", (work, value, given) -> toWhole(value, given)),
          Map.entry("items", (work, value, given) -> items(work, value)),
          Map.entry("join", Filters::join),
          Map.entry("last", (work, value, given) -> edge(work, value, false)),
          Map.entry("length", (work, value, given) -> Values.length(value)),
          Map.entry("list", (work, value, given) -> new ArrayList<>(Values.elements(work, value))),
          Map.entry("lower", (work, value, given) -> text(value).toLowerCase(Locale.ROOT)),
          Map.entry("map", Filters::map),
          Map.entry("reject", (work, value, given) -> select(work, value, given, false)),
          Map.entry("rejectattr", (work, value, given) -> byPart(work, value, given, false)),
          Map.entry("replace", Filters::replace),
          Map.entry("reverse", (work, value, given) -> reverse(work, value)),
          Map.entry("safe", (work, value, given) -> value),
          Map.entry("select", (work, value, given) -> select(work, value, given, true)),
          Map.entry("selectattr", (work, value, given) -> byPart(work, value, given, true)),
          Map.entry("string", (work, value, given) -> Printed.text(work, value)),
          Map.entry("title", (work, value, given) -> TextMethods.title(text(value))),
          Map.entry("tojson", Filters::toJson),
          Map.entry("trim", Filters::trim),
          Map.entry("unique", (work, value, given) -> unique(work, value)),
          Map.entry("upper", (work, value, given) -> text(value).toUpperCase(Locale.ROOT)));

  private Filters() {}

  /** The filter of a name, or null. */
  static Filter of(String name) {
    return ALL.get(name);
  }

  private static String text(Object value) {
    return Arguments.text(value instanceof Undefined ? "" : value, "");
  }

  private static Number abs(Number number) {
    return number instanceof Long whole ? (Number) Math.abs(whole) : Math.abs(number.doubleValue());
  }

  private static Object orElse(Object value, Arguments given) {
    Object[] values = given.of(0, "default_value", "boolean");
    boolean missing =
        value instanceof Undefined || (Values.truth(values[1]) && !Values.truth(value));
    return !missing ? value : values[0] == Undefined.NOTHING ? "" : values[0];
  }

  private static Object edge(Work work, Object value, boolean first) {
    List<?> elements = Values.elements(work, value);
    if (elements.isEmpty()) {
      return Undefined.ELEMENT;
    }
    return elements.get(first ? 0 : elements.size() - 1);
  }

  private static Object toWhole(Object value, Arguments given) {
    Object missing = given.of(0, "default")[0];
    if (value instanceof String text) {
      try {
        return Long.parseLong(text.strip());
      } catch (NumberFormatException e) {
        return missing == Undefined.NOTHING ? 0L : missing;
      }
    }
    return value instanceof Undefined ? (Object) 0L : Values.number(value).longValue();
  }

  private static Object toReal(Object value, Arguments given) {
    Object missing = given.of(0, "default")[0];
    if (value instanceof String text) {
      try {
        return Double.parseDouble(text.strip());
      } catch (NumberFormatException e) {
        return missing == Undefined.NOTHING ? 0.0 : missing;
      }
    }
    return value instanceof Undefined ? (Object) 0.0 : Values.number(value).doubleValue();
  }

  private static List<Object> items(Work work, Object value) {
    if (value instanceof Map<?, ?> map) {
      return MapMethods.items(work, map);
    }
    throw new TemplateError(Values.type(value) + " has no items");
  }

  /** Python's order of keys, whatever their case. */
  private static Object byKey(Work work, Object value, Arguments given) {
    given.of(0);
    List<Object> items = new ArrayList<>(items(work, value));
    items.sort(
        Comparator.comparing(
            (Object item) -> Printed.text(work, ((List<?>) item).get(0)).toLowerCase(Locale.ROOT)));
    return items;
  }

  private static Object indent(Work work, Object value, Arguments given) {
    Object[] values = given.of(0, "width", "first", "blank");
    String blanks =
        values[0] instanceof String text ? text : blanks(work, Arguments.whole(values[0], 4));
    boolean first = true;
    StringBuilder out = new StringBuilder();
    for (String line : text(value).split("\n", -1)) {
      work.spend(10L + blanks.length() + line.length());
      out.append(first ? "" : "\n");
      boolean indents =
          first ? Values.truth(values[1]) : !line.isBlank() || Values.truth(values[2]);
      out.append(indents ? blanks : "").append(line);
      first = false;
    }
    return out.toString();
  }

  private static String blanks(Work work, int count) {
    work.spend(count);
    return " ".repeat(Math.max(0, count));
  }

  private static Object join(Work work, Object value, Arguments given) {
    Object[] values = given.of(0, "d", "attribute");
    Object parts = values[1] == Undefined.NOTHING ? value : parts(work, value, values[1]);
    return TextMethods.join(work, Arguments.text(values[0], ""), parts);
  }

  private static List<Object> parts(Work work, Object value, Object part) {
    List<Object> parts = new ArrayList<>();
    for (Object element : Values.elements(work, value)) {
      parts.add(part(element, part));
    }
    return parts;
  }

  /** {@code a.b} by name, or an element by place. */
  private static Object part(Object value, Object part) {
    if (!(part instanceof String path)) {
      return Parts.at(value, part);
    }
    Object at = value;
    for (String name : path.split("\\.")) {
      at =
          at instanceof Map<?, ?> map && !map.containsKey(name)
              ? Undefined.ELEMENT
              : Parts.at(at, name);
    }
    return at;
  }

  private static Object map(Work work, Object value, Arguments given) {
    if (given.places().isEmpty()) {
      Object[] values = given.of(0, "attribute", "default");
      List<Object> parts = parts(work, value, Arguments.text(values[0], ""));
      if (values[1] != Undefined.NOTHING) {
        parts.replaceAll(part -> part instanceof Undefined ? values[1] : part);
      }
      return parts;
    }
    String name = Arguments.text(given.places().get(0), "");
    Filter filter = ALL.get(name);
    if (filter == null) {
      throw new TemplateError("there is no such filter here");
    }
    Arguments rest = new Arguments(given.places().subList(1, given.places().size()), given.names());
    List<Object> mapped = new ArrayList<>();
    for (Object element : Values.elements(work, value)) {
      mapped.add(filter.apply(work, element, rest));
    }
    return mapped;
  }

  private static Object select(Work work, Object value, Arguments given, boolean keep) {
    List<Object> kept = new ArrayList<>();
    for (Object element : Values.elements(work, value)) {
      if (Tests.passes(work, element, given.places()) == keep) {
        kept.add(element);
      }
    }
    return kept;
  }

  private static Object byPart(Work work, Object value, Arguments given, boolean keep) {
    if (given.places().isEmpty()) {
      throw new TemplateError("needs the argument attribute");
    }
    List<Object> test = given.places().subList(1, given.places().size());
    List<Object> kept = new ArrayList<>();
    for (Object element : Values.elements(work, value)) {
      if (Tests.passes(work, part(element, given.places().get(0)), test) == keep) {
        kept.add(element);
      }
    }
    return kept;
  }

  private static Object replace(Work work, Object value, Arguments given) {
    Object[] values = given.of(2, "old", "new", "count");
    work.spend(text(value).length());
    return TextMethods.replace(work, text(value), values[0], values[1], values[2]);
  }

  private static Object reverse(Work work, Object value) {
    if (value instanceof String text) {
      work.spend(text.length());
      return new StringBuilder(text).reverse().toString();
    }
    List<Object> reversed = new ArrayList<>(Values.elements(work, value));
    Collections.reverse(reversed);
    return reversed;
  }

  private static Object toJson(Work work, Object value, Arguments given) {
    Object[] values = given.of(0, "indent", "ensure_ascii");
    if (Values.truth(values[1])) {
      throw new TemplateError("ensure_ascii=True is not known here");
    }
    return Printed.json(work, value, Arguments.whole(values[0], -1));
  }

  private static Object trim(Work work, Object value, Arguments given) {
    String text = Printed.text(work, value);
    return TextMethods.strip(text, Arguments.text(given.of(0, "chars")[0], null), true, true);
  }

  private static Object unique(Work work, Object value) {
    List<Object> unique = new ArrayList<>();
    for (Object element : Values.elements(work, value)) {
      if (!Values.contains(work, unique, element)) {
        unique.add(element);
      }
    }
    return unique;
  }

  /** One filter. */
  @FunctionalInterface
  interface Filter {
    Object apply(Work work, Object value, Arguments given);
  }
}
