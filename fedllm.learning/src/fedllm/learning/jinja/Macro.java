package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A part of a template that can be called.
 *
 * @param home what it sees beside its arguments
 */
record Macro(Parameters parameters, Node body, Scope home) implements Callable {

  @Override
  public Object call(Work work, Arguments given) {
    Object[] values = given.of(0, parameters.names().toArray(String[]::new));
    Output out = new Output(Set.of());
    Scope scope = home.into(out);
    for (int i = 0; i < values.length; i++) {
      Expression missing = parameters.missing().get(i);
      Object value = values[i];
      if (value == Undefined.NOTHING) {
        value = missing == null ? new Undefined(parameters.names().get(i)) : missing.value(scope);
      }
      scope.set(parameters.names().get(i), value);
    }
    work.enter();
    body.render(scope);
    work.leave();
    return out.text();
  }

  /** Names, and what they stand for where nothing is given. */
  record Parameters(List<String> names, List<Expression> missing) {

    static Parameters read(Cursor cursor, ExpressionParser expressions) {
      Parameters parameters = new Parameters(new ArrayList<>(), new ArrayList<>());
      cursor.needOperator("(");
      while (!cursor.takeOperator(")")) {
        parameters.names.add(cursor.needName());
        parameters.missing.add(cursor.takeOperator("=") ? expressions.expression() : null);
        if (!cursor.isOperator(")")) {
          cursor.needOperator(",");
        }
      }
      return parameters;
    }
  }
}
