package fedllm.cli.job;

import fedllm.runtime.job.JobReader;
import fedllm.runtime.job.Yaml;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The text that goes to the server: the user's own, without what only {@code run} reads. Every line
 * stays where it was, so that the server's messages name the lines of the user's file.
 */
public final class Submission {

  private final String text;
  private final Yaml yaml;

  private record Edit(int from, int to, String text) {}

  Submission(String text, Yaml yaml) {
    this.text = text;
    this.yaml = yaml;
    if (yaml.node().getFlowStyle() == FlowStyle.FLOW) {
      throw yaml.refused("", "write a job with a key a line, not as one { ... }");
    }
  }

  /** The job as it stands. */
  public String asWritten() {
    return edited(edits());
  }

  /** The job trained by one silo, whatever quorum it asks for, and measured at its end alone. */
  public String trainedBy(String silo, List<String> evaluate) {
    List<Edit> edits = edits();
    String line =
        "planner: { name: everyone, train: %s, evaluate: %s, evaluateEvery: 0 }"
            .formatted(names(List.of(silo)), names(evaluate));
    if (yaml.has("planner")) {
      edits.addAll(replaced("planner", line));
    } else {
      String gap = text.endsWith("\n") ? "" : "\n";
      edits.add(new Edit(text.length(), text.length(), gap + line + "\n"));
    }
    if (yaml.has("protocol") && yaml.item("protocol").word() == null) {
      Yaml protocol = yaml.mapping("protocol");
      if (protocol.has("quorum")) {
        Node quorum = protocol.item("quorum").node();
        edits.add(new Edit(start(quorum), end(quorum), "all"));
      }
    }
    return edited(edits);
  }

  /** Refuses a job whose own planner a comparison would have to replace. */
  void checkComparable() {
    boolean comparable = true;
    if (yaml.has("planner")) {
      Yaml.Item planner = yaml.item("planner");
      comparable =
          planner.word() == null
              ? Set.of("name", "evaluateEvery").containsAll(planner.mapping().keys())
                  && planner.mapping().text("name", "").equals("everyone")
              : planner.word().equals("everyone");
    }
    if (!comparable) {
      throw yaml.refused(
          "planner",
          "a comparison says itself who trains; here it needs { name: everyone }, or no compare");
    }
  }

  private List<Edit> edits() {
    List<Edit> edits = new ArrayList<>();
    JobReader.LAUNCHER.forEach(key -> edits.addAll(replaced(key, "")));
    if (yaml.has("data") && yaml.item("data").word() == null) {
      edits.addAll(replaced("data", ""));
    }
    if (yaml.has("base")) {
      edits.addAll(replaced("base", "base: " + baseName()));
    }
    return edits;
  }

  private static String names(List<String> silos) {
    return silos.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ", "[", "]"));
  }

  /** Another text for all lines of a key, which keep their number. */
  private List<Edit> replaced(String key, String line) {
    List<NodeTuple> tuples = yaml.node().getValue();
    for (int i = 0; i < tuples.size(); i++) {
      if (((ScalarNode) tuples.get(i).getKeyNode()).getValue().equals(key)) {
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
    String bare = yaml.text("base", null).replaceAll("/+$", "");
    return bare.substring(bare.lastIndexOf('/') + 1);
  }
}
