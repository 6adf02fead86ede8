package fedllm.learning.jinja;

/**
 * A piece of a template.
 *
 * @param text of a string the value, of a name or an operator itself
 */
record Token(Kind kind, String text, int line) {

  enum Kind {
    TEXT,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    REAL,
    OPERATOR,
    END
  }

  boolean is(Kind other, String value) {
    return kind == other && text.equals(value);
  }

  /** For messages: what stands there, never a string's value. */
  String shown() {
    return switch (kind) {
      case TEXT -> "text";
      case STRING -> "a string";
      case END -> "the end of the template";
      default -> "'" + text + "'";
    };
  }
}
