package fedllm.learning.jinja;

import fedllm.learning.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens. The newline after a block goes, and so do blanks before a block that
 * starts a line (Jinja's {@code trim_blocks} and {@code lstrip_blocks}); one newline at the very
 * end goes too.
 */
final class Lexer {

  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")",
          "[", "]", "{", "}", ".", ",", ":", "|");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    Lexer lexer = new Lexer(source);
    lexer.read();
    return lexer.tokens;
  }

  private void read() {
    while (at < source.length()) {
      int tag = nextTag(at);
      text(tag < 0 ? source.length() : tag);
      if (tag >= 0) {
        switch (source.charAt(at + 1)) {
          case '{' -> print();
          case '%' -> block();
          default -> comment();
        }
      }
    }
    add(Kind.END, "");
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** The text up to a tag, with what the tag strips of it left out. */
  private void text(int end) {
    int last = end;
    if (end + 2 < source.length()) {
      char sign = source.charAt(end + 2);
      if (sign == '-') {
        while (last > at && Character.isWhitespace(source.charAt(last - 1))) {
          last--;
        }
      } else if (sign != '+' && source.charAt(end + 1) != '{') {
        last = withoutIndent(end);
      }
    }
    if (last > at) {
      add(Kind.TEXT, source.substring(at, last));
    }
    pass(end);
  }

  /** Where the blanks before a tag begin if it is the first thing on its line, else the tag. */
  private int withoutIndent(int tag) {
    int begin = tag;
    while (begin > at && (source.charAt(begin - 1) == ' ' || source.charAt(begin - 1) == '\t')) {
      begin--;
    }
    return begin == 0 || source.charAt(begin - 1) == '\n' ? begin : tag;
  }

  private void print() {
    open(Kind.PRINT_BEGIN);
    inside("}}", Kind.PRINT_END);
  }

  private void block() {
    open(Kind.BLOCK_BEGIN);
    int name = skipBlanks(at);
    if (source.startsWith("raw", name) && closesAt(skipBlanks(name + 3)) > 0) {
      tokens.remove(tokens.size() - 1);
      int end = source.indexOf("%}", name) + 2;
      raw(source.charAt(end - 3) == '-' ? skipBlanks(end) : end);
      return;
    }
    inside("%}", Kind.BLOCK_END);
  }

  private void raw(int begin) {
    pass(begin);
    int end = source.indexOf("{%", at);
    while (end >= 0) {
      int name = skipBlanks(afterSign(end + 2));
      int close = source.startsWith("endraw", name) ? closesAt(skipBlanks(name + 6)) : -1;
      if (close > 0) {
        text(end);
        pass(close);
        return;
      }
      end = source.indexOf("{%", end + 2);
    }
    throw new TemplateError(line, "raw has no endraw");
  }

  /** Where a block's text goes on after its end, or -1 when it does not end here. */
  private int closesAt(int i) {
    if (source.startsWith("%}", i)) {
      return afterBlock(i + 2);
    }
    if (source.startsWith("-%}", i)) {
      return skipBlanks(i + 3);
    }
    return source.startsWith("+%}", i) ? i + 3 : -1;
  }

  private int afterBlock(int i) {
    return i < source.length() && source.charAt(i) == '\n' ? i + 1 : i;
  }

  private void comment() {
    int end = source.indexOf("#}", at + 2);
    if (end < 0) {
      throw new TemplateError(line, "a comment has no end");
    }
    char sign = source.charAt(end - 1);
    if (sign == '-' && end > at + 2) {
      pass(skipBlanks(end + 2));
    } else {
      pass(sign == '+' && end > at + 2 ? end + 2 : afterBlock(end + 2));
    }
  }

  private void open(Kind kind) {
    add(kind, source.substring(at, at + 2));
    pass(afterSign(at + 2));
  }

  private int afterSign(int i) {
    return i < source.length() && (source.charAt(i) == '-' || source.charAt(i) == '+') ? i + 1 : i;
  }

  /** The tokens up to {@code close}; braces of maps inside do not close. */
  private void inside(String close, Kind end) {
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      pass(skipBlanks(at));
      if (at >= source.length()) {
        throw new TemplateError(line, "'" + close + "' is missing");
      }
      if (open.isEmpty() && closes(close, end)) {
        return;
      }
      token(open);
    }
  }

  private boolean closes(String close, Kind end) {
    boolean strips = source.startsWith("-" + close, at);
    boolean keeps = source.startsWith("+" + close, at) && end == Kind.BLOCK_END;
    if (!strips && !keeps && !source.startsWith(close, at)) {
      return false;
    }
    add(end, close);
    int after = at + close.length() + (strips || keeps ? 1 : 0);
    if (strips) {
      after = skipBlanks(after);
    } else if (end == Kind.BLOCK_END && !keeps) {
      after = afterBlock(after);
    }
    pass(after);
    return true;
  }

  private void token(Deque<Character> open) {
    char c = source.charAt(at);
    if (c == '\'' || c == '"') {
      StringLiteral literal = StringLiteral.read(source, at, line);
      add(Kind.STRING, literal.value());
      pass(literal.end());
    } else if (Character.isDigit(c)) {
      number();
    } else if (Character.isJavaIdentifierStart(c) && c != '$') {
      int end = at + 1;
      while (end < source.length() && Character.isJavaIdentifierPart(source.charAt(end))) {
        end++;
      }
      add(Kind.NAME, source.substring(at, end));
      pass(end);
    } else {
      operator(open);
    }
  }

  private void number() {
    int end = digits(at);
    Kind kind = Kind.INTEGER;
    if (end + 1 < source.length()
        && source.charAt(end) == '.'
        && Character.isDigit(source.charAt(end + 1))) {
      kind = Kind.REAL;
      end = digits(end + 1);
    }
    if (end < source.length() && (source.charAt(end) | 0x20) == 'e') {
      int power = afterSign(end + 1);
      if (digits(power) > power) {
        kind = Kind.REAL;
        end = digits(power);
      }
    }
    add(kind, source.substring(at, end).replace("_", ""));
    pass(end);
  }

  private int digits(int from) {
    int i = from;
    while (i < source.length()
        && (Character.isDigit(source.charAt(i)) || (i > from && source.charAt(i) == '_'))) {
      i++;
    }
    return i;
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        char c = operator.charAt(0);
        if ("([{".indexOf(c) >= 0) {
          open.push(c);
        } else if (")]}".indexOf(c) >= 0 && (open.isEmpty() || !pair(open.pop(), c))) {
          throw new TemplateError(line, "'" + c + "' closes nothing");
        }
        add(Kind.OPERATOR, operator);
        pass(at + operator.length());
        return;
      }
    }
    throw new TemplateError(line, "'" + source.charAt(at) + "' is not known in Jinja");
  }

  private static boolean pair(char open, char close) {
    return "([{".indexOf(open) == ")]}".indexOf(close);
  }

  private int skipBlanks(int from) {
    int i = from;
    while (i < source.length() && Character.isWhitespace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  private void pass(int end) {
    for (; at < end; at++) {
      if (source.charAt(at) == '\n') {
        line++;
      }
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }
}
