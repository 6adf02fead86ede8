package fedllm.runtime.plugin;

import com.fasterxml.jackson.annotation.JsonIgnore;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Wraps;
import fedllm.api.run.OptionView;
import java.lang.annotation.Annotation;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a job may say for one option. Travels in a silo's introduction, so that a server can check
 * options of plugins that it does not have itself.
 *
 * @param name as in a job
 * @param type {@code number}, {@code integer}, {@code flag}, {@code text}, {@code texts}, {@code
 *     numbers}, {@code plugin} or {@code plugins}
 * @param preset what it is when a job does not say, or null where it must
 * @param min smallest value, or null
 * @param above what it must exceed, or null
 * @param max largest value, or null
 * @param oneOf the only words accepted; empty for any
 * @param wraps the kind of the plugin it names, or empty
 */
public record OptionSpec(
    String name,
    String type,
    Object preset,
    Double min,
    Double above,
    Double max,
    List<String> oneOf,
    String wraps) {
  private static final Double LARGEST_INT = (double) Integer.MAX_VALUE;

  public OptionSpec {
    Objects.requireNonNull(name);
    Objects.requireNonNull(type);
    oneOf = List.copyOf(oneOf);
    Objects.requireNonNull(wraps);
  }

  /**
   * The options that some annotations declare, by name.
   *
   * @throws IllegalArgumentException when two declare the same one
   */
  @SafeVarargs
  public static List<OptionSpec> of(Class<? extends Annotation>... configs) {
    Map<String, Method> members = new TreeMap<>();
    for (Class<? extends Annotation> config : configs) {
      for (Method member : config.getDeclaredMethods()) {
        Method other = members.put(member.getName(), member);
        if (other != null) {
          throw new IllegalArgumentException(
              "both "
                  + other.getDeclaringClass().getName()
                  + " and "
                  + config.getName()
                  + " declare the option "
                  + member.getName()
                  + "; rename one");
        }
      }
    }
    return members.values().stream().map(OptionSpec::of).toList();
  }

  private static OptionSpec of(Method member) {
    Range range = member.getAnnotation(Range.class);
    OneOf words = member.getAnnotation(OneOf.class);
    Wraps wraps = member.getAnnotation(Wraps.class);
    boolean required =
        member.getDefaultValue() == null || member.isAnnotationPresent(Required.class);
    return new OptionSpec(
        member.getName(),
        wraps == null
            ? typeOf(member.getReturnType())
            : member.getReturnType().isArray() ? "plugins" : "plugin",
        required ? null : plain(member.getDefaultValue()),
        range == null ? null : finite(range.min()),
        range == null ? null : finite(range.above()),
        max(member.getReturnType(), range),
        words == null ? List.of() : List.of(words.value()),
        wraps == null ? "" : Installed.kindOf(wraps.value().getName()));
  }

  /** What does not fit into an int would be cut to another number. */
  private static Double max(Class<?> type, Range range) {
    Double max = range == null ? null : finite(range.max());
    return max == null && type == int.class ? LARGEST_INT : max;
  }

  private static Double finite(double bound) {
    return Double.isInfinite(bound) ? null : bound;
  }

  private static String typeOf(Class<?> type) {
    if (type == boolean.class) {
      return "flag";
    }
    if (type == int.class || type == long.class) {
      return "integer";
    }
    if (type == double.class || type == float.class) {
      return "number";
    }
    if (type == String[].class) {
      return "texts";
    }
    if (type == double[].class || type == int[].class || type == long[].class) {
      return "numbers";
    }
    return "text";
  }

  private static Object plain(Object preset) {
    return preset.getClass().isArray()
        ? IntStream.range(0, Array.getLength(preset)).mapToObj(i -> Array.get(preset, i)).toList()
        : preset;
  }

  /** Whether a job must give it. */
  @JsonIgnore
  public boolean required() {
    return preset == null;
  }

  /** What is wrong with a value that a job gives, or null. */
  public String complaint(Object value) {
    if (value == null) {
      return name + " has no value; " + expected(null);
    }
    boolean fits =
        switch (type) {
          case "flag" -> value instanceof Boolean;
          case "integer" -> (value instanceof Integer || value instanceof Long) && inRange(value);
          case "number" -> value instanceof Number && inRange(value);
          case "numbers" -> value instanceof List<?> list && list.stream().allMatch(this::inRange);
          case "texts" -> value instanceof List<?> list && list.stream().allMatch(this::isWord);
          case "plugin" -> value instanceof Map;
          case "plugins" ->
              value instanceof List<?> list && list.stream().allMatch(Map.class::isInstance);
          default -> isWord(value);
        };
    return fits ? null : name + " is " + value + "; " + expected(value);
  }

  private boolean isWord(Object value) {
    return (value instanceof String || value instanceof Number)
        && (oneOf.isEmpty() || oneOf.contains(value.toString()));
  }

  private boolean inRange(Object value) {
    if (!(value instanceof Number number)) {
      return false;
    }
    double x = number.doubleValue();
    return Double.isFinite(x)
        && (min == null || x >= min)
        && (above == null || x > above)
        && (max == null || x <= max);
  }

  private String expected(Object value) {
    String article =
        switch (type) {
          case "flag" -> "true or false";
          case "integer" -> "a whole number";
          case "number" -> "a number";
          case "numbers" -> "a list of numbers";
          case "texts" -> "a list of words";
          case "plugin" -> "a " + wraps + " with its name and options";
          case "plugins" -> "a list, each a " + wraps + " with its name and options";
          default -> "a text";
        };
    String range = range();
    if (LARGEST_INT.equals(max) && value instanceof Number n && n.doubleValue() > max) {
      range += (range.isEmpty() ? "" : ", ") + "at most " + number(max);
    }
    return "it has to be " + article + (range.isEmpty() ? "" : ", " + range);
  }

  /** What it accepts beyond its type, in words, or nothing. */
  public String range() {
    List<String> words = new ArrayList<>();
    if (min != null) {
      words.add("at least " + number(min));
    }
    if (above != null) {
      words.add("above " + number(above));
    }
    if (max != null && !max.equals(LARGEST_INT)) {
      words.add("at most " + number(max));
    }
    if (!oneOf.isEmpty()) {
      words.add("one of " + String.join(", ", oneOf));
    }
    return String.join(", ", words);
  }

  private static String number(double bound) {
    return bound == Math.rint(bound) && Math.abs(bound) < 1e15
        ? Long.toString((long) bound)
        : Double.toString(bound);
  }

  /** For tables. */
  public OptionView view() {
    String shown =
        preset == null ? "" : preset instanceof Object[] a ? Arrays.toString(a) : "" + preset;
    return new OptionView(name, wraps.isEmpty() ? type : wraps, shown, range());
  }
}
