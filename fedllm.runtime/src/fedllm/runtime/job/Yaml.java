package fedllm.runtime.job;

import fedllm.api.error.Refused;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** A YAML mapping that remembers its lines; whatever is wrong is refused with source and line. */
public final class Yaml {

  private final String source;
  private final MappingNode node;
  private final Map<String, NodeTuple> entries = new LinkedHashMap<>();

  private Yaml(String source, MappingNode node) {
    this.source = source;
    this.node = node;
    for (NodeTuple entry : node.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw refused(entry.getKeyNode(), "a key has to be a word");
      }
      if (entries.put(key.getValue(), entry) != null) {
        throw refused(key, "the key " + key.getValue() + " stands here a second time");
      }
    }
  }

  /** Reads a file's text, whose top must be a mapping. */
  public static Yaml read(String text, String source) {
    try {
      Node top = new org.yaml.snakeyaml.Yaml(limits()).compose(new StringReader(text));
      if (top instanceof MappingNode mapping) {
        refuseRings(source, top);
        return new Yaml(source, mapping);
      }
    } catch (YAMLException e) {
      throw noYaml(source, e);
    }
    throw new Refused(source + ":1: a mapping of keys to values is expected here");
  }

  private static LoaderOptions limits() {
    LoaderOptions limits = new LoaderOptions();
    limits.setAllowDuplicateKeys(false);
    limits.setMaxAliasesForCollections(20);
    return limits;
  }

  private static Refused noYaml(String source, YAMLException e) {
    if (e instanceof MarkedYAMLException at && at.getProblemMark() != null) {
      int line = at.getProblemMark().getLine() + 1;
      return new Refused(source + ":" + line + ": this is no YAML: " + at.getProblem(), e);
    }
    return new Refused(source + ":1: this is no YAML: " + e.getMessage(), e);
  }

  /** A value that holds itself has no end. */
  private static void refuseRings(String source, Node node) {
    if (node.isTwoStepsConstruction()) {
      int line = node.getStartMark().getLine() + 1;
      throw new Refused(source + ":" + line + ": this holds itself; write it out");
    }
    if (node instanceof MappingNode mapping) {
      mapping.getValue().forEach(entry -> refuseRings(source, entry.getKeyNode()));
      mapping.getValue().forEach(entry -> refuseRings(source, entry.getValueNode()));
    } else if (node instanceof SequenceNode list) {
      list.getValue().forEach(item -> refuseRings(source, item));
    }
  }

  /** The mapping as it was read, for those who change its text. */
  public MappingNode node() {
    return node;
  }

  /** The line of the mapping itself. */
  public int line() {
    return node.getStartMark().getLine() + 1;
  }

  /** The line of a key. */
  public int line(String key) {
    NodeTuple entry = entries.get(key);
    return entry == null ? line() : entry.getKeyNode().getStartMark().getLine() + 1;
  }

  /** The keys in order. */
  public Set<String> keys() {
    return entries.keySet();
  }

  /** Whether a key is there. */
  public boolean has(String key) {
    return entries.containsKey(key);
  }

  /** Refuses keys other than these. */
  public void only(Set<String> known) {
    for (String key : entries.keySet()) {
      if (!known.contains(key)) {
        throw refused(
            key,
            "no key is called "
                + key
                + Closest.hint(key, known)
                + "; known are "
                + String.join(", ", new TreeSet<>(known)));
      }
    }
  }

  /** A text, or the preset; null refuses a missing one. */
  public String text(String key, String preset) {
    if (has(key) && !item(key).isNull()) {
      return item(key).text();
    }
    if (preset == null) {
      throw refused(key, "the key " + key + " is missing");
    }
    return preset;
  }

  /** A whole number, or the preset. */
  public long number(String key, long preset) {
    Object value = has(key) ? value(key) : Long.valueOf(preset);
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw refused(key, key + " has to be a whole number");
  }

  /** A mapping, or null where the key is missing. */
  public Yaml mapping(String key) {
    return has(key) ? mapping(entries.get(key).getValueNode(), key) : null;
  }

  private Yaml mapping(Node value, String key) {
    if (value instanceof MappingNode mapping) {
      return new Yaml(source, mapping);
    }
    throw refused(value, key + " has to be a mapping");
  }

  /** The items of a list as they stand; empty where the key is missing. */
  public List<Item> items(String key) {
    if (!has(key)) {
      return List.of();
    }
    if (!(entries.get(key).getValueNode() instanceof SequenceNode list)) {
      throw refused(key, key + " has to be a list");
    }
    List<Item> items = new ArrayList<>();
    list.getValue().forEach(n -> items.add(new Item(this, n, key)));
    return items;
  }

  /** The items of a list, or the one word that stands in its place; empty where missing. */
  public List<Item> oneOrMore(String key) {
    return has(key) && item(key).word() != null ? List.of(item(key)) : items(key);
  }

  /** The value of a key as an item. */
  public Item item(String key) {
    return has(key) ? new Item(this, entries.get(key).getValueNode(), key) : null;
  }

  /** A value as Java sees it: text, number, flag, list or map. */
  public Object value(String key) {
    try {
      return plain(entries.get(key).getValueNode());
    } catch (YAMLException e) {
      throw noYaml(source, e);
    }
  }

  /** Every value as Java sees it. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    entries.keySet().forEach(k -> values.put(k, value(k)));
    return values;
  }

  private static Object plain(Node value) {
    return new PlainValues().of(value);
  }

  /** Something is wrong at a key, or, where it is missing, in its mapping. */
  public Refused refused(String key, String what) {
    return new Refused(source + ":" + line(key) + ": " + what);
  }

  private Refused refused(Node at, String what) {
    return new Refused(source + ":" + (at.getStartMark().getLine() + 1) + ": " + what);
  }

  /** A value that may be a word or a mapping. */
  public record Item(Yaml in, Node node, String key) {

    /** Its line. */
    public int line() {
      return node.getStartMark().getLine() + 1;
    }

    /** The word, or null. */
    public String word() {
      return node instanceof ScalarNode scalar ? scalar.getValue() : null;
    }

    /** The word as it is written; anything else is refused. */
    public String text() {
      if (word() == null || word().isBlank()) {
        throw refused(key + " has to be a word");
      }
      return word();
    }

    private boolean isNull() {
      return node.getTag().equals(Tag.NULL);
    }

    /** Something is wrong here. */
    public Refused refused(String what) {
      return in.refused(node, what);
    }

    /** The mapping; anything else is refused. */
    public Yaml mapping() {
      return in.mapping(node, key);
    }
  }

  private static final class PlainValues extends SafeConstructor {
    PlainValues() {
      super(limits());
      setAllowDuplicateKeys(false); // the limits alone do not reach here
    }

    Object of(Node value) {
      return constructDocument(value);
    }
  }
}
