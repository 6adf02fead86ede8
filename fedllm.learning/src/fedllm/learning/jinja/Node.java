package fedllm.learning.jinja;

import java.util.List;

/** Something that writes. */
@FunctionalInterface
interface Node {

  Flow render(Scope scope);

  /** How it goes on. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  /** One after the other, until one breaks. */
  static Node sequence(List<Node> nodes) {
    Node[] all = nodes.toArray(Node[]::new);
    return scope -> {
      for (Node node : all) {
        Flow flow = node.render(scope);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    };
  }
}
