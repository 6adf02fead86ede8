package fedllm.cli.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The single values of a YAML text, and where they stand in it. */
final class Scalars {

  private Scalars() {}

  static List<ScalarNode> of(Node root) {
    List<ScalarNode> found = new ArrayList<>();
    collect(root, found);
    return found;
  }

  /** Changes the text of each single value, and nothing between them, such as comments. */
  static String replace(String text, Node root, UnaryOperator<String> change) {
    List<ScalarNode> scalars = of(root);
    scalars.sort(Comparator.comparingInt((ScalarNode s) -> s.getStartMark().getIndex()).reversed());
    StringBuilder changed = new StringBuilder(text);
    for (ScalarNode scalar : scalars) {
      int from = index(text, scalar.getStartMark().getIndex());
      int to = index(text, scalar.getEndMark().getIndex());
      changed.replace(from, to, change.apply(text.substring(from, to)));
    }
    return changed.toString();
  }

  /** SnakeYAML counts code points, Java chars. */
  static int index(String text, int codePoints) {
    return text.offsetByCodePoints(0, codePoints);
  }

  private static void collect(Node node, List<ScalarNode> found) {
    if (node instanceof ScalarNode scalar) {
      found.add(scalar);
    } else if (node instanceof SequenceNode sequence) {
      sequence.getValue().forEach(item -> collect(item, found));
    } else if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        collect(tuple.getKeyNode(), found);
        collect(tuple.getValueNode(), found);
      }
    }
  }
}
