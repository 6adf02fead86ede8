package fedllm.learning.jinja;

/**
 * A string in quotes.
 *
 * @param value with Python's escapes replaced
 * @param end the place in the source after the closing quote
 */
record StringLiteral(String value, int end) {

  private static final String LETTERS = "ntrbfav0";
  private static final String MEANT = "\n\t\r\b\f\u0007\u000B\0";

  /** Reads the string whose opening quote is at a place of the source. */
  static StringLiteral read(String source, int begin, int line) {
    char quote = source.charAt(begin);
    StringBuilder value = new StringBuilder();
    int i = begin + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      char c = source.charAt(i++);
      if (c != '\\' || i == source.length()) {
        value.append(c);
        continue;
      }
      char escaped = source.charAt(i++);
      int digits = "xuU".indexOf(escaped) < 0 ? 0 : 2 << "xuU".indexOf(escaped);
      if (digits > 0) {
        value.appendCodePoint(hexadecimal(source, i, digits, line));
        i += digits;
      } else if (LETTERS.indexOf(escaped) >= 0) {
        value.append(MEANT.charAt(LETTERS.indexOf(escaped)));
      } else if (escaped == '\\' || escaped == '\'' || escaped == '"') {
        value.append(escaped);
      } else if (escaped != '\n') {
        value.append('\\').append(escaped);
      }
    }
    if (i >= source.length()) {
      throw new TemplateError(line, "a string has no end");
    }
    return new StringLiteral(value.toString(), i + 1);
  }

  private static int hexadecimal(String source, int at, int digits, int line) {
    int end = Math.min(at + digits, source.length());
    try {
      int point = Integer.parseInt(source.substring(at, end), 16);
      if (end == at + digits && Character.isValidCodePoint(point)) {
        return point;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new TemplateError(line, "an escape in a string is not " + digits + " hexadecimal digits");
  }
}
