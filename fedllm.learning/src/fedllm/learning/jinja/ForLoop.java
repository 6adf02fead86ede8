package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * A loop.
 *
 * @param filter which items it goes over
 * @param otherwise what is written when there is none
 */
record ForLoop(
    int line, Target target, Expression over, Expression filter, Node body, Node otherwise)
    implements Node {

  @Override
  public Flow render(Scope scope) {
    scope.work().at(line);
    List<Object> items = new ArrayList<>();
    for (Object item : Values.elements(scope.work(), over.value(scope))) {
      Scope inner = scope.inner();
      target.set(inner, item);
      if (Values.truth(filter.value(inner))) {
        items.add(item);
      }
    }
    if (items.isEmpty()) {
      return otherwise.render(scope);
    }
    Loop loop = new Loop(items);
    for (Object item : items) {
      loop.next();
      scope.work().at(line);
      Scope inner = scope.inner();
      inner.set("loop", loop);
      target.set(inner, item);
      int from = scope.out().length();
      Flow flow = body.render(inner);
      scope.out().wrote(item, from);
      if (flow == Flow.BREAK) {
        break;
      }
    }
    return Flow.NEXT;
  }
}
