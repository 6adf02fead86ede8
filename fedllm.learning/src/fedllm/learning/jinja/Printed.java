package fedllm.learning.jinja;

import java.util.List;
import java.util.Map;

/** Values as text: as Python prints them, and as JSON. */
final class Printed {

  private Printed() {}

  /** As {@code str} of Python. */
  static String text(Work work, Object value) {
    if (value instanceof String text) {
      work.spend(text.length());
      return text;
    }
    if (value instanceof Undefined) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    python(work, value, out);
    return out.toString();
  }

  private static void python(Work work, Object value, StringBuilder out) {
    work.spend(10);
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean truth) {
      out.append(truth ? "True" : "False");
    } else if (value instanceof Number number) {
      number(number, out);
    } else if (value instanceof String text) {
      work.spend(text.length());
      quoted(text, out);
    } else if (value instanceof List<?> list) {
      out.append('[');
      String comma = "";
      for (Object element : list) {
        out.append(comma);
        python(work, element, out);
        comma = ", ";
      }
      out.append(']');
    } else if (value instanceof Map<?, ?> map) {
      out.append('{');
      String comma = "";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(comma);
        python(work, entry.getKey(), out);
        python(work, entry.getValue(), out.append(": "));
        comma = ", ";
      }
      out.append('}');
    } else if (!(value instanceof Undefined)) {
      throw new TemplateError(Values.type(value) + " cannot be printed");
    }
  }

  private static void number(Number number, StringBuilder out) {
    if (number instanceof Long) {
      out.append(number);
      return;
    }
    double value = number.doubleValue();
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-4 || size >= 1e16)) {
      throw new TemplateError("a number is too small or too large to be printed");
    }
    String plain = new java.math.BigDecimal(Double.toString(value)).toPlainString();
    out.append(plain.contains(".") ? plain : plain + ".0");
  }

  private static void quoted(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c == quote) {
            out.append('\\');
          }
          out.append(c);
        }
      }
    }
    out.append(quote);
  }

  /**
   * As {@code json.dumps} of Python with {@code ensure_ascii=False}.
   *
   * @param indent how many blanks, or below zero for all on one line
   */
  static String json(Work work, Object value, int indent) {
    StringBuilder out = new StringBuilder();
    json(work, value, indent, 0, out);
    return out.toString();
  }

  private static void json(Work work, Object value, int indent, int depth, StringBuilder out) {
    work.spend(10);
    if (value == null) {
      out.append("null");
    } else if (value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Number number) {
      number(number, out);
    } else if (value instanceof String text) {
      work.spend(text.length());
      jsonText(text, out);
    } else if (value instanceof List<?> list) {
      out.append('[');
      for (int i = 0; i < list.size(); i++) {
        separate(work, i, indent, depth + 1, out);
        json(work, list.get(i), indent, depth + 1, out);
      }
      end(list.isEmpty(), indent, depth, out).append(']');
    } else if (value instanceof Map<?, ?> map) {
      out.append('{');
      int i = 0;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        separate(work, i++, indent, depth + 1, out);
        jsonText(String.valueOf(entry.getKey()), out);
        json(work, entry.getValue(), indent, depth + 1, out.append(": "));
      }
      end(map.isEmpty(), indent, depth, out).append('}');
    } else {
      throw new TemplateError(Values.type(value) + " cannot be written as JSON");
    }
  }

  private static void separate(Work work, int i, int indent, int depth, StringBuilder out) {
    if (indent >= 0) {
      work.spend((long) indent * depth);
      out.append(i == 0 ? "\n" : ",\n").append(" ".repeat(indent * depth));
    } else if (i > 0) {
      out.append(", ");
    }
  }

  private static StringBuilder end(boolean empty, int indent, int depth, StringBuilder out) {
    return indent < 0 || empty ? out : out.append('\n').append(" ".repeat(indent * depth));
  }

  private static void jsonText(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
