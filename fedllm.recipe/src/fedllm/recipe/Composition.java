package fedllm.recipe;

import fedllm.api.error.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A job out of a task's and what a recipe says. What the recipe says counts; a plugin of the name
 * that the task has keeps the task's other options. {@code ${task.PATH}} stands for what the task
 * has there, such as {@code ${task.trainer}} for a trainer that wraps it.
 */
final class Composition {

  private static final Pattern OF_THE_TASK = Pattern.compile("\\$\\{task\\.([A-Za-z.]+)}");

  private final MappingNode task;

  private Composition(MappingNode task) {
    this.task = task;
  }

  static MappingNode of(MappingNode task, MappingNode recipe) {
    return new Composition(task).merged(task, recipe);
  }

  private MappingNode merged(MappingNode under, MappingNode over) {
    List<NodeTuple> entries = new ArrayList<>();
    for (NodeTuple entry : under.getValue()) {
      Node said = value(over, key(entry));
      if (said == null) {
        entries.add(entry);
      } else if (!said.getTag().equals(Tag.NULL)) {
        entries.add(new NodeTuple(entry.getKeyNode(), chosen(entry.getValueNode(), said)));
      }
    }
    for (NodeTuple entry : over.getValue()) {
      boolean isNew = value(under, key(entry)) == null;
      if (isNew && !entry.getValueNode().getTag().equals(Tag.NULL)) {
        entries.add(new NodeTuple(entry.getKeyNode(), filled(entry.getValueNode())));
      }
    }
    return new MappingNode(under.getTag(), entries, under.getFlowStyle());
  }

  private Node chosen(Node under, Node over) {
    if (under instanceof MappingNode mapping && over instanceof MappingNode other) {
      Node name = value(other, "name");
      if (name == null || word(name).equals(word(value(mapping, "name")))) {
        return merged(mapping, other);
      }
    }
    return filled(over);
  }

  /** With what the task has where the recipe asks for it. */
  private Node filled(Node node) {
    if (node instanceof ScalarNode scalar) {
      Matcher asked = OF_THE_TASK.matcher(scalar.getValue());
      return asked.matches() ? ofTheTask(asked.group(1), scalar) : scalar;
    }
    if (node instanceof SequenceNode list) {
      List<Node> items = list.getValue().stream().map(this::filled).toList();
      return new SequenceNode(list.getTag(), items, list.getFlowStyle());
    }
    MappingNode mapping = (MappingNode) node;
    List<NodeTuple> entries =
        mapping.getValue().stream()
            .map(entry -> new NodeTuple(entry.getKeyNode(), filled(entry.getValueNode())))
            .toList();
    return new MappingNode(mapping.getTag(), entries, mapping.getFlowStyle());
  }

  private Node ofTheTask(String path, ScalarNode asked) {
    Node at = task;
    for (String key : path.split("\\.", -1)) {
      at = at instanceof MappingNode mapping ? value(mapping, key) : null;
    }
    if (at == null) {
      throw new Refused(
          "line %d of the recipe asks for %s, and the task says nothing there"
              .formatted(asked.getStartMark().getLine() + 1, asked.getValue()));
    }
    return at;
  }

  /** Sets a key of a job to a word, a number, or a list of words. */
  static void put(MappingNode job, String key, Object value) {
    Node node =
        value instanceof String[] words
            ? new SequenceNode(
                Tag.SEQ, Stream.of(words).map(Composition::scalar).toList(), FlowStyle.FLOW)
            : scalar(value);
    job.getValue().removeIf(entry -> key(entry).equals(key));
    job.getValue().add(new NodeTuple(scalar(key), node));
  }

  private static Node scalar(Object value) {
    boolean number = value instanceof Number;
    ScalarStyle style =
        number || value.toString().matches("[a-z-]+")
            ? ScalarStyle.PLAIN
            : ScalarStyle.DOUBLE_QUOTED;
    return new ScalarNode(number ? Tag.INT : Tag.STR, value.toString(), null, null, style);
  }

  private static Node value(MappingNode mapping, String key) {
    return mapping.getValue().stream()
        .filter(entry -> key(entry).equals(key))
        .map(NodeTuple::getValueNode)
        .findFirst()
        .orElse(null);
  }

  private static String key(NodeTuple entry) {
    return word(entry.getKeyNode());
  }

  private static String word(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : "";
  }
}
