package fedllm.cli.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;

/**
 * The text that goes to the server: the user's own, without what only {@code run} reads. Every line
 * stays where it was, so that the server's messages name the lines of the user's file.
 */
public final class Submission {

  private static final Set<String> ONLY_FOR_RUN = Set.of("silos", "compare", "bootstrap");

  private final String text;
  private final Entry root;
  private final Map<String, Entry> keys;

  private record Edit(int from, int to, String text) {}

  Submission(String text, Entry root) {
    this.text = text;
    this.root = root;
    keys = root.entries();
    if (root.node() instanceof MappingNode mapping && mapping.getFlowStyle() == FlowStyle.FLOW) {
      throw root.wrong("write a job with a key a line, not as one { ... }");
    }
  }

  /** The job as it stands. */
  public String asWritten() {
    return edited(edits());
  }

  /** The job trained by some silos and measured by some. */
  public String trainedBy(List<String> train, List<String> evaluate) {
    return edited(edits(train, evaluate));
  }

  /** The job trained by one silo, whatever quorum it asks for among many. */
  public String trainedBy(String silo, List<String> evaluate) {
    List<Edit> edits = edits(List.of(silo), evaluate);
    Entry protocol = keys.get("protocol");
    if (protocol != null && protocol.node() instanceof MappingNode) {
      Entry quorum = protocol.entries().get("quorum");
      if (quorum != null) {
        Node node = quorum.node();
        edits.add(new Edit(start(node), end(node), "all"));
      }
    }
    return edited(edits);
  }

  private List<Edit> edits() {
    List<Edit> edits = new ArrayList<>();
    ONLY_FOR_RUN.forEach(key -> edits.addAll(replaced(key, "")));
    Entry data = keys.get("data");
    if (data != null && data.node() instanceof MappingNode) {
      edits.addAll(replaced("data", ""));
    }
    if (keys.containsKey("base")) {
      edits.addAll(replaced("base", "base: " + baseName()));
    }
    return edits;
  }

  private List<Edit> edits(List<String> train, List<String> evaluate) {
    Entry planner = keys.get("planner");
    if (planner != null && !isEveryone(planner)) {
      throw planner.wrong("a comparison says itself who trains; here it needs { name: everyone }");
    }
    String line =
        "planner: { name: everyone, train: %s, evaluate: %s }"
            .formatted(names(train), names(evaluate));
    List<Edit> edits = edits();
    if (planner == null) {
      String gap = text.endsWith("\n") ? "" : "\n";
      edits.add(new Edit(text.length(), text.length(), gap + line + "\n"));
    } else {
      edits.addAll(replaced("planner", line));
    }
    return edits;
  }

  private static boolean isEveryone(Entry planner) {
    if (!(planner.node() instanceof MappingNode)) {
      return planner.text().equals("everyone");
    }
    Map<String, Entry> options = planner.entries();
    return options.size() == 1
        && options.containsKey("name")
        && options.get("name").text().equals("everyone");
  }

  private static String names(List<String> silos) {
    return silos.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ", "[", "]"));
  }

  /** Another text for all lines of a key, which keep their number. */
  private List<Edit> replaced(String key, String line) {
    List<NodeTuple> tuples = ((MappingNode) root.node()).getValue();
    for (int i = 0; i < tuples.size(); i++) {
      if (new Entry(root.source(), tuples.get(i).getKeyNode()).text().equals(key)) {
        int from = start(tuples.get(i).getKeyNode());
        int to = i + 1 < tuples.size() ? start(tuples.get(i + 1).getKeyNode()) : text.length();
        String lineEnds = text.substring(from, to).replaceAll("[^\n]", "");
        return List.of(new Edit(from, to, line + lineEnds));
      }
    }
    return List.of();
  }

  private String edited(List<Edit> edits) {
    StringBuilder out = new StringBuilder(text);
    edits.stream()
        .sorted(Comparator.comparingInt(Edit::to).thenComparingInt(Edit::from).reversed())
        .forEach(edit -> out.replace(edit.from(), edit.to(), edit.text()));
    return out.toString();
  }

  private int start(Node node) {
    return Scalars.index(text, node.getStartMark().getIndex());
  }

  private int end(Node node) {
    return Scalars.index(text, node.getEndMark().getIndex());
  }

  /** What silos call the base: the last part of its path. */
  public String baseName() {
    String bare = keys.get("base").text().replaceAll("/+$", "");
    return bare.substring(bare.lastIndexOf('/') + 1);
  }
}
