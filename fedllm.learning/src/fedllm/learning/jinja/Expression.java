package fedllm.learning.jinja;

/** Something with a value. */
@FunctionalInterface
interface Expression {

  Object value(Scope scope);

  /** A variable. */
  record Name(String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return scope.get(name);
    }
  }

  /** A value that stands in the template. */
  record Literal(Object held) implements Expression {
    @Override
    public Object value(Scope scope) {
      return held;
    }
  }
}
