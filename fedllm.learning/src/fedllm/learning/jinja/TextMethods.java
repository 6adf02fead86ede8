package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The methods of Python's strings that templates call. */
final class TextMethods {

  private TextMethods() {}

  /** The method of a name, or null. */
  static Callable of(String text, String name) {
    Method method = method(name);
    if (method == null) {
      return null;
    }
    return (work, arguments) -> {
      work.spend(text.length());
      return method.apply(work, text, arguments);
    };
  }

  private static Method method(String name) {
    return switch (name) {
      case "strip" -> (work, text, given) -> strip(text, chars(given), true, true);
      case "lstrip" -> (work, text, given) -> strip(text, chars(given), true, false);
      case "rstrip" -> (work, text, given) -> strip(text, chars(given), false, true);
      case "upper" -> (work, text, given) -> text.toUpperCase(Locale.ROOT);
      case "lower" -> (work, text, given) -> text.toLowerCase(Locale.ROOT);
      case "title" -> (work, text, given) -> title(text);
      case "capitalize" -> (work, text, given) -> capitalized(text);
      case "startswith" -> (work, text, given) -> any(given.of(1, "prefix")[0], text::startsWith);
      case "endswith" -> (work, text, given) -> any(given.of(1, "suffix")[0], text::endsWith);
      case "removeprefix" ->
          (work, text, given) -> {
            String prefix = Arguments.text(given.of(1, "prefix")[0], "");
            return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
          };
      case "removesuffix" ->
          (work, text, given) -> {
            String suffix = Arguments.text(given.of(1, "suffix")[0], "");
            return text.endsWith(suffix)
                ? text.substring(0, text.length() - suffix.length())
                : text;
          };
      case "find" ->
          (work, text, given) ->
              place(text, text.indexOf(Arguments.text(given.of(1, "sub")[0], "")));
      case "rfind" ->
          (work, text, given) ->
              place(text, text.lastIndexOf(Arguments.text(given.of(1, "sub")[0], "")));
      case "replace" ->
          (work, text, given) -> {
            Object[] values = given.of(2, "old", "new", "count");
            return replace(work, text, values[0], values[1], values[2]);
          };
      case "split" -> (work, text, given) -> split(work, text, given, false);
      case "rsplit" -> (work, text, given) -> split(work, text, given, true);
      case "splitlines" -> (work, text, given) -> text.lines().toList();
      case "join" -> (work, text, given) -> join(work, text, given.of(1, "iterable")[0]);
      case "isdigit" ->
          (work, text, given) -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
      default -> null;
    };
  }

  private static String chars(Arguments given) {
    return Arguments.text(given.of(0, "chars")[0], null);
  }

  /**
   * Without the characters at either end that are among {@code chars}.
   *
   * @param chars null for blanks
   */
  static String strip(String text, String chars, boolean left, boolean right) {
    int begin = 0;
    int end = text.length();
    while (left && begin < end && among(text.charAt(begin), chars)) {
      begin++;
    }
    while (right && end > begin && among(text.charAt(end - 1), chars)) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static boolean among(char c, String chars) {
    return chars == null ? isBlank(c) : chars.indexOf(c) >= 0;
  }

  /** What Python takes for a blank. */
  private static boolean isBlank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  static String title(String text) {
    StringBuilder out = new StringBuilder(text.toLowerCase(Locale.ROOT));
    for (int i = 0; i < out.length(); i++) {
      if (i == 0 || !Character.isLetter(out.charAt(i - 1))) {
        out.setCharAt(i, Character.toTitleCase(out.charAt(i)));
      }
    }
    return out.toString();
  }

  static String capitalized(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }

  private static boolean any(Object affixes, Predicate<String> has) {
    if (affixes instanceof List<?> list) {
      return list.stream().anyMatch(affix -> has.test(Arguments.text(affix, "")));
    }
    return has.test(Arguments.text(affixes, ""));
  }

  private static long place(String text, int index) {
    return index < 0 ? -1 : text.codePointCount(0, index);
  }

  static String replace(Work work, String text, Object from, Object to, Object count) {
    String old = Arguments.text(from, "");
    String young = Arguments.text(to, "");
    int left = Arguments.whole(count, Integer.MAX_VALUE);
    if (old.isEmpty()) {
      throw new TemplateError("replace needs something to replace");
    }
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int i = text.indexOf(old); i >= 0 && left-- != 0; i = text.indexOf(old, at)) {
      work.spend(young.length());
      out.append(text, at, i).append(young);
      at = i + old.length();
    }
    return out.append(text, at, text.length()).toString();
  }

  private static List<String> split(Work work, String text, Arguments given, boolean fromEnd) {
    Object[] values = given.of(0, "sep", "maxsplit");
    String separator = Arguments.text(values[0], null);
    int most = Arguments.whole(values[1], -1);
    List<String> parts = new ArrayList<>();
    if (separator == null) {
      if (most >= 0) {
        throw new TemplateError("split needs a separator beside maxsplit");
      }
      String stripped = strip(text, null, true, true);
      work.spend(10L * text.length());
      return stripped.isEmpty() ? List.of() : List.of(stripped.split("(?U)\\s+"));
    }
    if (separator.isEmpty()) {
      throw new TemplateError("split needs a separator that is not empty");
    }
    int begin = 0;
    int end = text.length();
    while (parts.size() != most) {
      int i =
          fromEnd
              ? text.lastIndexOf(separator, end - separator.length())
              : text.indexOf(separator, begin);
      if (i < 0) {
        break;
      }
      work.spend(10);
      parts.add(fromEnd ? text.substring(i + separator.length(), end) : text.substring(begin, i));
      begin = fromEnd ? begin : i + separator.length();
      end = fromEnd ? i : end;
    }
    parts.add(text.substring(begin, end));
    if (fromEnd) {
      java.util.Collections.reverse(parts);
    }
    return parts;
  }

  static String join(Work work, String separator, Object values) {
    StringBuilder out = new StringBuilder();
    String between = "";
    for (Object value : Values.elements(work, values)) {
      work.spend(between.length());
      out.append(between).append(Printed.text(work, value));
      between = separator;
    }
    return out.toString();
  }

  @FunctionalInterface
  private interface Method {
    Object apply(Work work, String text, Arguments given);
  }
}
