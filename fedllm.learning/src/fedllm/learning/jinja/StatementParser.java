package fedllm.learning.jinja;

import fedllm.learning.jinja.Expression.Literal;
import fedllm.learning.jinja.Node.Flow;
import fedllm.learning.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads what a template consists of: text, values and blocks. */
final class StatementParser {

  private final Cursor cursor;
  private final ExpressionParser expressions;

  StatementParser(List<Token> tokens) {
    this.cursor = new Cursor(tokens);
    this.expressions = new ExpressionParser(cursor);
  }

  Node template() {
    Node body = body(Set.of());
    if (cursor.here().kind() != Kind.END) {
      throw cursor.unexpected("the end of the template");
    }
    return body;
  }

  /** Up to a block that starts with one of {@code ends}, which is then the next token's name. */
  private Node body(Set<String> ends) {
    List<Node> nodes = new ArrayList<>();
    while (true) {
      Token token = cursor.next();
      switch (token.kind()) {
        case TEXT -> nodes.add(text(token.text()));
        case PRINT_BEGIN -> nodes.add(print(token.line()));
        case BLOCK_BEGIN -> {
          if (cursor.here().kind() == Kind.NAME && ends.contains(cursor.here().text())) {
            return Node.sequence(nodes);
          }
          nodes.add(block());
        }
        default -> {
          if (!ends.isEmpty()) {
            throw cursor.unexpected("{% " + String.join(" or ", ends.stream().sorted().toList()));
          }
          return Node.sequence(nodes);
        }
      }
    }
  }

  private static Node text(String text) {
    return scope -> {
      scope.work().spend(text.length());
      scope.out().write(text);
      return Flow.NEXT;
    };
  }

  private Node print(int line) {
    Expression value = expressions.listOrOne();
    cursor.need(Kind.PRINT_END, "'}}'");
    return scope -> {
      scope.work().at(line);
      scope.out().write(Printed.text(scope.work(), value.value(scope)));
      return Flow.NEXT;
    };
  }

  private Node block() {
    Token token = cursor.here();
    String name = cursor.needName();
    return switch (name) {
      case "if" -> condition();
      case "for" -> loop(token.line());
      case "set" -> set(token.line());
      case "macro" -> macro(token.line());
      case "generation" -> generation();
      case "break" -> jump(Flow.BREAK);
      case "continue" -> jump(Flow.CONTINUE);
      default ->
          throw new TemplateError(token.line(), "the block {% " + name + " %} is not known here");
    };
  }

  private void end() {
    cursor.need(Kind.BLOCK_END, "'%}'");
  }

  private void end(String name) {
    cursor.needName(name);
    end();
  }

  private Node condition() {
    int line = cursor.here().line();
    Expression condition = expressions.listOrOne();
    end();
    Node then = body(Set.of("elif", "else", "endif"));
    Node otherwise = Node.sequence(List.of());
    if (cursor.takeName("elif")) {
      otherwise = condition();
    } else {
      if (cursor.takeName("else")) {
        end();
        otherwise = body(Set.of("endif"));
      }
      end("endif");
    }
    Node last = otherwise;
    return scope -> {
      scope.work().at(line);
      return (Values.truth(condition.value(scope)) ? then : last).render(scope);
    };
  }

  private Node loop(int line) {
    Target target = Target.read(cursor);
    cursor.needName("in");
    Expression over = expressions.or();
    Expression filter = cursor.takeName("if") ? expressions.expression() : new Literal(true);
    if (cursor.isName("recursive")) {
      throw new TemplateError(line, "recursive loops are not known here");
    }
    end();
    Node body = body(Set.of("else", "endfor"));
    Node otherwise = Node.sequence(List.of());
    if (cursor.takeName("else")) {
      end();
      otherwise = body(Set.of("endfor"));
    }
    end("endfor");
    return new ForLoop(line, target, over, filter, body, otherwise);
  }

  private Node set(int line) {
    Target target = Target.read(cursor);
    if (cursor.takeOperator("=")) {
      Expression value = expressions.listOrOne();
      end();
      return scope -> {
        scope.work().at(line);
        target.set(scope, value.value(scope));
        return Flow.NEXT;
      };
    }
    Body inner = new Body();
    Expression written = new Postfix(cursor, expressions).filtersAndTests(inner);
    end();
    inner.body = body(Set.of("endset"));
    end("endset");
    return scope -> {
      target.set(scope, written.value(scope));
      return Flow.NEXT;
    };
  }

  private Node macro(int line) {
    String name = cursor.needName();
    Macro.Parameters parameters = Macro.Parameters.read(cursor, expressions);
    end();
    Node body = body(Set.of("endmacro"));
    end("endmacro");
    return scope -> {
      scope.work().at(line);
      scope.set(name, new Macro(parameters, body, scope));
      return Flow.NEXT;
    };
  }

  private Node generation() {
    end();
    Node body = body(Set.of("endgeneration"));
    end("endgeneration");
    return scope -> {
      int from = scope.out().length();
      final Flow flow = body.render(scope);
      scope.out().generated(from);
      return flow;
    };
  }

  private Node jump(Flow flow) {
    end();
    return scope -> flow;
  }

  /** The text that a body writes. */
  private static final class Body implements Expression {
    private Node body;

    @Override
    public Object value(Scope scope) {
      Output out = new Output(Set.of());
      body.render(scope.into(out));
      return out.text();
    }
  }
}
