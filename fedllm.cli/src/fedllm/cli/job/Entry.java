package fedllm.cli.job;

import fedllm.api.error.Refused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A value of a job that knows its line, for messages that name it.
 *
 * @param source the file's name
 * @param node the value
 */
record Entry(String source, Node node) {

  /** The values of a mapping by key, in order. */
  Map<String, Entry> entries() {
    if (!(node instanceof MappingNode mapping)) {
      throw wrong("must be a mapping of keys to values");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Entry key = new Entry(source, tuple.getKeyNode());
      if (entries.put(key.text(), new Entry(source, tuple.getValueNode())) != null) {
        throw key.wrong("the key " + key.text() + " stands here a second time");
      }
    }
    return entries;
  }

  /** The values of a mapping whose keys must all be known. */
  Map<String, Entry> entries(List<String> known) {
    Map<String, Entry> entries = entries();
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw entry
            .getValue()
            .wrong(
                "no key is called "
                    + entry.getKey()
                    + "; there are "
                    + String.join(", ", new TreeSet<>(known)));
      }
    }
    return entries;
  }

  List<Entry> items() {
    if (!(node instanceof SequenceNode sequence)) {
      throw wrong("must be a list");
    }
    List<Entry> items = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      items.add(new Entry(source, item));
    }
    return items;
  }

  /** One text, or a list of them. */
  List<Entry> oneOrMore() {
    return node instanceof SequenceNode ? items() : List.of(this);
  }

  String text() {
    if (!(node instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
      throw wrong("must be a text");
    }
    return scalar.getValue();
  }

  long count() {
    try {
      long count = Long.parseLong(text());
      if (count > 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw new Refused(wrong(text() + " must be a whole number above zero").getMessage(), e);
    }
    throw wrong(text() + " must be above zero");
  }

  Refused wrong(String what) {
    return new Refused(source + ":" + (node.getStartMark().getLine() + 1) + ": " + what);
  }
}
