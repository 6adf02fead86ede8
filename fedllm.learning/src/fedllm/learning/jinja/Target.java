package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * What is given a value: a name, several names for the elements of a list, or a value of a
 * namespace.
 *
 * @param names the names
 * @param part of a namespace's value its name, else null
 */
record Target(List<String> names, String part) {

  static Target read(Cursor cursor) {
    boolean open = cursor.takeOperator("(");
    List<String> names = new ArrayList<>(List.of(cursor.needName()));
    if (cursor.takeOperator(".")) {
      return new Target(names, cursor.needName());
    }
    while (cursor.takeOperator(",")) {
      names.add(cursor.needName());
    }
    if (open) {
      cursor.needOperator(")");
    }
    return new Target(names, null);
  }

  void set(Scope scope, Object value) {
    if (part != null) {
      if (!(scope.get(names.get(0)) instanceof Namespace namespace)) {
        throw new TemplateError(names.get(0) + " is no namespace, so nothing in it can be set");
      }
      namespace.values().put(part, value);
    } else if (names.size() == 1) {
      scope.set(names.get(0), value);
    } else {
      List<?> elements = Values.elements(scope.work(), value);
      if (elements.size() != names.size()) {
        throw new TemplateError(elements.size() + " values for " + names.size() + " names");
      }
      for (int i = 0; i < names.size(); i++) {
        scope.set(names.get(i), elements.get(i));
      }
    }
  }
}
