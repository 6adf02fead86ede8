package fedllm.learning.jinja;

import fedllm.learning.jinja.Expression.Literal;
import fedllm.learning.jinja.Expression.Name;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what follows a value: parts, calls, filters and tests. */
final class Postfix {

  private final Cursor cursor;
  private final ExpressionParser expressions;

  Postfix(Cursor cursor, ExpressionParser expressions) {
    this.cursor = cursor;
    this.expressions = expressions;
  }

  /** {@code value.part}, {@code value[key]}, {@code value(arguments)}, and so on. */
  Expression of(Expression first) {
    Expression value = first;
    while (true) {
      if (cursor.isOperator(".")) {
        value = named(value);
      } else if (cursor.isOperator("[")) {
        value = at(value);
      } else if (cursor.isOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  /** {@code value | filter is test}, and so on. */
  Expression filtersAndTests(Expression first) {
    Expression value = first;
    while (true) {
      if (cursor.isOperator("|")) {
        value = filter(value);
      } else if (cursor.isName("is")) {
        value = test(value);
      } else {
        return value;
      }
    }
  }

  private Expression named(Expression owner) {
    int line = cursor.next().line();
    if (cursor.here().kind() == Token.Kind.INTEGER) {
      long place = Long.parseLong(cursor.next().text());
      return scope -> Parts.at(owner.value(scope), place);
    }
    String name = cursor.needName();
    return scope -> {
      Object value = owner.value(scope);
      scope.work().at(line);
      return Parts.named(value, name);
    };
  }

  private Expression at(Expression owner) {
    int line = cursor.next().line();
    Expression from = cursor.isOperator(":") ? new Literal(null) : expressions.expression();
    if (cursor.takeOperator("]")) {
      return scope -> {
        Object value = owner.value(scope);
        Object key = from.value(scope);
        scope.work().at(line);
        Object part = Parts.at(value, key);
        return part instanceof Undefined && from instanceof Literal literal
            ? new Undefined(String.valueOf(literal.held()))
            : part;
      };
    }
    cursor.needOperator(":");
    Expression to = bound();
    Expression step = cursor.takeOperator(":") ? bound() : new Literal(null);
    cursor.needOperator("]");
    return scope -> {
      Object value = owner.value(scope);
      scope.work().at(line);
      return Parts.slice(
          scope.work(), value, from.value(scope), to.value(scope), step.value(scope));
    };
  }

  private Expression bound() {
    return cursor.isOperator(":") || cursor.isOperator("]")
        ? new Literal(null)
        : expressions.expression();
  }

  private Expression call(Expression function) {
    int line = cursor.here().line();
    Given given = given();
    if (function instanceof Name name && name.name().equals(Functions.REFUSE)) {
      return refusal(line, given);
    }
    return scope -> {
      Object called = function.value(scope);
      Arguments arguments = given.in(scope);
      scope.work().at(line);
      if (called instanceof Callable callable) {
        return callable.call(scope.work(), arguments);
      }
      throw new TemplateError(Values.type(called) + " cannot be called");
    };
  }

  /** Only what stands in the template is said again, nothing of what was put into it. */
  private static Expression refusal(int line, Given given) {
    boolean said = given.places().size() == 1 && given.places().get(0) instanceof Literal;
    String why = said ? ": " + ((Literal) given.places().get(0)).held() : " by this line";
    return scope -> {
      throw new TemplateError(line, "the template refuses these turns" + why);
    };
  }

  private Expression filter(Expression first) {
    int line = cursor.next().line();
    String name = cursor.needName();
    Filters.Filter filter = Filters.of(name);
    if (filter == null) {
      throw new TemplateError(line, "the filter '" + name + "' is not known here");
    }
    Given given = cursor.isOperator("(") ? given() : Given.NOTHING;
    return scope -> {
      Object value = first.value(scope);
      Arguments arguments = given.in(scope);
      scope.work().at(line);
      return filter.apply(scope.work(), value, arguments);
    };
  }

  private Expression test(Expression first) {
    int line = cursor.next().line();
    boolean not = cursor.takeName("not");
    String name = cursor.needName();
    if (!Tests.knows(name)) {
      throw new TemplateError(line, "the test '" + name + "' is not known here");
    }
    List<Expression> all = new ArrayList<>(List.of(new Literal(name)));
    if (cursor.isOperator("(")) {
      all.addAll(given().places());
    } else if (argumentFollows()) {
      all.add(of(new Primary(cursor, expressions).read()));
    }
    return scope -> {
      Object value = first.value(scope);
      List<Object> test = Primary.values(scope, all);
      scope.work().at(line);
      return Tests.passes(scope.work(), value, test) != not;
    };
  }

  private boolean argumentFollows() {
    return switch (cursor.here().kind()) {
      case STRING, INTEGER, REAL -> true;
      case NAME ->
          !List.of("and", "or", "is", "if", "else", "in", "not").contains(cursor.here().text());
      case OPERATOR -> cursor.isOperator("[") || cursor.isOperator("{");
      default -> false;
    };
  }

  /** {@code (a, b, name=c)}. */
  Given given() {
    cursor.needOperator("(");
    List<Expression> places = new ArrayList<>();
    Map<String, Expression> names = new LinkedHashMap<>();
    while (!cursor.takeOperator(")")) {
      if (cursor.here().kind() == Token.Kind.NAME && cursor.beforeOperator("=")) {
        String name = cursor.needName();
        cursor.needOperator("=");
        names.put(name, expressions.expression());
      } else if (names.isEmpty()) {
        places.add(expressions.expression());
      } else {
        throw cursor.unexpected("an argument with a name");
      }
      if (!cursor.isOperator(")")) {
        cursor.needOperator(",");
      }
    }
    return new Given(places, names);
  }

  /** Arguments before they have values. */
  record Given(List<Expression> places, Map<String, Expression> names) {

    static final Given NOTHING = new Given(List.of(), Map.of());

    Arguments in(Scope scope) {
      if (places.isEmpty() && names.isEmpty()) {
        return Arguments.NONE;
      }
      Map<String, Object> named = new LinkedHashMap<>();
      names.forEach((name, expression) -> named.put(name, expression.value(scope)));
      return new Arguments(Primary.values(scope, places), named);
    }
  }
}
