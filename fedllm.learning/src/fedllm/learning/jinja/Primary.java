package fedllm.learning.jinja;

import fedllm.learning.jinja.Expression.Literal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads names, literals, and what stands in brackets. */
final class Primary {

  private final Cursor cursor;
  private final ExpressionParser expressions;

  Primary(Cursor cursor, ExpressionParser expressions) {
    this.cursor = cursor;
    this.expressions = expressions;
  }

  Expression read() {
    Token token = cursor.here();
    return switch (token.kind()) {
      case NAME -> name(cursor.next());
      case STRING -> string();
      case INTEGER -> new Literal(whole(cursor.next()));
      case REAL -> new Literal(Double.parseDouble(cursor.next().text()));
      default -> inBrackets();
    };
  }

  private Expression inBrackets() {
    if (cursor.takeOperator("(")) {
      return parenthesis();
    }
    if (cursor.takeOperator("[")) {
      List<Expression> all = list("]");
      return scope -> values(scope, all);
    }
    if (cursor.takeOperator("{")) {
      return map();
    }
    throw cursor.unexpected("a value");
  }

  private static Expression name(Token token) {
    return switch (token.text()) {
      case "true", "True" -> new Literal(true);
      case "false", "False" -> new Literal(false);
      case "none", "None" -> new Literal(null);
      default -> new Expression.Name(token.text());
    };
  }

  /** Strings side by side are one. */
  private Expression string() {
    StringBuilder text = new StringBuilder();
    while (cursor.here().kind() == Token.Kind.STRING) {
      text.append(cursor.next().text());
    }
    return new Literal(text.toString());
  }

  private static long whole(Token token) {
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw new TemplateError(token.line(), "a number is too large");
    }
  }

  private Expression parenthesis() {
    if (cursor.takeOperator(")")) {
      return new Literal(List.of());
    }
    Expression first = expressions.expression();
    if (cursor.takeOperator(")")) {
      return first;
    }
    cursor.needOperator(",");
    List<Expression> all = new ArrayList<>(List.of(first));
    all.addAll(list(")"));
    return scope -> values(scope, all);
  }

  private List<Expression> list(String close) {
    List<Expression> all = new ArrayList<>();
    while (!cursor.takeOperator(close)) {
      all.add(expressions.expression());
      if (!cursor.isOperator(close)) {
        cursor.needOperator(",");
      }
    }
    return all;
  }

  private Expression map() {
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!cursor.takeOperator("}")) {
      Expression key = expressions.expression();
      cursor.needOperator(":");
      entries.put(key, expressions.expression());
      if (!cursor.isOperator("}")) {
        cursor.needOperator(",");
      }
    }
    return scope -> {
      Map<Object, Object> map = new LinkedHashMap<>();
      entries.forEach((key, value) -> map.put(key.value(scope), value.value(scope)));
      scope.work().spend(map.size());
      return map;
    };
  }

  static List<Object> values(Scope scope, List<Expression> expressions) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(expression.value(scope));
    }
    scope.work().spend(values.size());
    return values;
  }
}
