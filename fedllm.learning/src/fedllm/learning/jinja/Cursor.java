package fedllm.learning.jinja;

import fedllm.learning.jinja.Token.Kind;
import java.util.List;

/** A place among the tokens. */
final class Cursor {

  private final List<Token> tokens;
  private int at;

  Cursor(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token here() {
    return tokens.get(at);
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean isOperator(String operator) {
    return here().is(Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return here().is(Kind.NAME, name);
  }

  /** Whether the token after this one is an operator. */
  boolean beforeOperator(String operator) {
    return at + 1 < tokens.size() && tokens.get(at + 1).is(Kind.OPERATOR, operator);
  }

  boolean takeOperator(String operator) {
    if (isOperator(operator)) {
      next();
      return true;
    }
    return false;
  }

  boolean takeName(String name) {
    if (isName(name)) {
      next();
      return true;
    }
    return false;
  }

  void needOperator(String operator) {
    if (!takeOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  void needName(String name) {
    if (!takeName(name)) {
      throw unexpected("'" + name + "'");
    }
  }

  String needName() {
    if (here().kind() != Kind.NAME) {
      throw unexpected("a name");
    }
    return next().text();
  }

  void need(Kind kind, String what) {
    if (here().kind() != kind) {
      throw unexpected(what);
    }
    next();
  }

  TemplateError unexpected(String wanted) {
    return new TemplateError(
        here().line(), "there should be " + wanted + ", but there is " + here().shown());
  }
}
