package fedllm.learning.jinja;

import fedllm.learning.jinja.Expression.Literal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads expressions; what binds weakest comes first below. */
final class ExpressionParser {

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final Cursor cursor;

  ExpressionParser(Cursor cursor) {
    this.cursor = cursor;
  }

  /** {@code a if b else c}, or anything that binds stronger. */
  Expression expression() {
    Expression value = or();
    while (cursor.takeName("if")) {
      Expression then = value;
      Expression condition = or();
      Expression otherwise =
          cursor.takeName("else") ? expression() : new Literal(new Undefined("the other value"));
      value =
          scope ->
              Values.truth(condition.value(scope)) ? then.value(scope) : otherwise.value(scope);
    }
    return value;
  }

  /** An expression, or several with commas between: a list. */
  Expression listOrOne() {
    Expression first = expression();
    if (!cursor.isOperator(",")) {
      return first;
    }
    List<Expression> all = new ArrayList<>(List.of(first));
    while (cursor.takeOperator(",")) {
      all.add(expression());
    }
    return scope -> Primary.values(scope, all);
  }

  /** What a loop goes over: no {@code if}, which is the loop's own. */
  Expression or() {
    Expression value = and();
    while (cursor.takeName("or")) {
      Expression left = value;
      Expression right = and();
      value =
          scope -> {
            Object first = left.value(scope);
            return Values.truth(first) ? first : right.value(scope);
          };
    }
    return value;
  }

  private Expression and() {
    Expression value = not();
    while (cursor.takeName("and")) {
      Expression left = value;
      Expression right = not();
      value =
          scope -> {
            Object first = left.value(scope);
            return Values.truth(first) ? right.value(scope) : first;
          };
    }
    return value;
  }

  private Expression not() {
    if (cursor.takeName("not")) {
      Expression value = not();
      return scope -> !Values.truth(value.value(scope));
    }
    return comparison();
  }

  /** {@code a < b <= c} holds when each pair does. */
  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>(List.of(first));
    int line = cursor.here().line();
    while (true) {
      String operator = comparisonHere();
      if (operator == null) {
        break;
      }
      operators.add(operator);
      operands.add(sum());
    }
    return operators.isEmpty()
        ? first
        : scope -> {
          scope.work().at(line);
          Object left = operands.get(0).value(scope);
          for (int i = 0; i < operators.size(); i++) {
            Object right = operands.get(i + 1).value(scope);
            if (!holds(scope.work(), operators.get(i), left, right)) {
              return false;
            }
            left = right;
          }
          return true;
        };
  }

  private String comparisonHere() {
    Token token = cursor.here();
    if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
      return cursor.next().text();
    }
    if (cursor.takeName("in")) {
      return "in";
    }
    if (cursor.takeName("not")) {
      cursor.needName("in");
      return "not in";
    }
    return null;
  }

  private static boolean holds(Work work, String operator, Object a, Object b) {
    return switch (operator) {
      case "==" -> Values.equal(work, a, b);
      case "!=" -> !Values.equal(work, a, b);
      case "in" -> Values.contains(work, b, a);
      case "not in" -> !Values.contains(work, b, a);
      case "<" -> Values.compare(work, a, b) < 0;
      case "<=" -> Values.compare(work, a, b) <= 0;
      case ">" -> Values.compare(work, a, b) > 0;
      default -> Values.compare(work, a, b) >= 0;
    };
  }

  private Expression sum() {
    Expression value = joined();
    while (cursor.isOperator("+") || cursor.isOperator("-")) {
      value = operation(value, cursor.next(), joined());
    }
    return value;
  }

  private Expression joined() {
    Expression value = product();
    while (cursor.isOperator("~")) {
      value = operation(value, cursor.next(), product());
    }
    return value;
  }

  private Expression product() {
    Expression value = power();
    while (cursor.isOperator("*")
        || cursor.isOperator("/")
        || cursor.isOperator("//")
        || cursor.isOperator("%")) {
      value = operation(value, cursor.next(), power());
    }
    return value;
  }

  private Expression power() {
    Expression value = signed(true);
    while (cursor.isOperator("**")) {
      value = operation(value, cursor.next(), signed(true));
    }
    return value;
  }

  private static Expression operation(Expression left, Token operator, Expression right) {
    return scope -> {
      Object a = left.value(scope);
      Object b = right.value(scope);
      scope.work().at(operator.line());
      return Operators.apply(scope.work(), operator.text(), a, b);
    };
  }

  private Expression signed(boolean filters) {
    Token sign = cursor.here();
    Expression value;
    if (cursor.takeOperator("-")) {
      value = operation(new Literal(0L), sign, signed(false));
    } else if (cursor.takeOperator("+")) {
      value = signed(false);
    } else {
      value = new Postfix(cursor, this).of(new Primary(cursor, this).read());
    }
    return filters ? new Postfix(cursor, this).filtersAndTests(value) : value;
  }
}
