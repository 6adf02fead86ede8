package fedllm.learning.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What every template can call. */
final class Functions {

  /** What a template calls in order to refuse what it is given. */
  static final String REFUSE = "raise_exception";

  static final Map<String, Callable> ALL =
      Map.of(
          "range",
          Functions::range,
          "namespace",
          (work, given) -> new Namespace(named(given)),
          "dict",
          (work, given) -> named(given),
          REFUSE,
          (work, given) -> refuse());

  /** Letters after a percent sign in C's format, and Java's patterns. */
  private static final Map<Character, String> TIMES =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('d', "dd"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('j', "DDD"),
          Map.entry('m', "MM"),
          Map.entry('M', "mm"),
          Map.entry('p', "a"),
          Map.entry('S', "ss"),
          Map.entry('y', "yy"),
          Map.entry('Y', "yyyy"));

  private Functions() {}

  private static Map<String, Object> named(Arguments given) {
    if (!given.places().isEmpty()) {
      throw new TemplateError("takes arguments with names only");
    }
    return new LinkedHashMap<>(given.names());
  }

  private static Object refuse() {
    throw new TemplateError("the template refuses these turns");
  }

  private static Object range(Work work, Arguments given) {
    Object[] values = given.of(1, "start", "stop", "step");
    boolean one = values[1] == Undefined.NOTHING;
    long from = one ? 0 : Arguments.whole(values[0], 0);
    long to = Arguments.whole(one ? values[0] : values[1], 0);
    long step = Arguments.whole(values[2], 1);
    if (step == 0) {
      throw new TemplateError("range goes nowhere by steps of 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      work.spend(50);
      numbers.add(i);
    }
    return numbers;
  }

  static Callable now(Clock clock) {
    return (work, given) -> {
      String format = Arguments.text(given.of(1, "format")[0], "");
      DateTimeFormatterBuilder out = new DateTimeFormatterBuilder();
      for (int i = 0; i < format.length(); i++) {
        char c = format.charAt(i);
        if (c != '%') {
          out.appendLiteral(c);
        } else if (++i < format.length() && format.charAt(i) == '%') {
          out.appendLiteral('%');
        } else if (i < format.length() && TIMES.containsKey(format.charAt(i))) {
          out.append(DateTimeFormatter.ofPattern(TIMES.get(format.charAt(i)), Locale.ENGLISH));
        } else {
          throw new TemplateError("strftime_now does not know this format");
        }
      }
      return LocalDateTime.now(clock).format(out.toFormatter(Locale.ENGLISH));
    };
  }
}
