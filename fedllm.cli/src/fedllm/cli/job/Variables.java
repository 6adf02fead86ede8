package fedllm.cli.job;

import fedllm.api.error.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What <code>${NAME}</code> in a job stands for. */
public final class Variables {

  /** Where the sample jobs look for real data. */
  static final String DATA = "FEDLLM_DATA";

  /** Where the product's own texts and its small model lie. */
  static final String DEMO = "FEDLLM_DEMO";

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

  private static final String SOURCES =
      """
      %s is not set; it names a folder with the public data that this job reads. Fetch into it
        banking77/   github.com/PolyAI-LDN/task-specific-datasets, banking_data/ (CC BY 4.0)
        pubmedqa/    github.com/pubmedqa/pubmedqa, data/ (MIT)
        gsm8k/       github.com/openai/grade-school-math, grade_school_math/data/ (MIT)
        gpteacher/   github.com/teknium1/GPTeacher, Codegen/ (MIT)
        stories260k/ github.com/karpathy/llama2.c's stories260K, in Hugging Face layout
      and say export %s=FOLDER\
      """
          .formatted(DATA, DATA);

  private final Map<String, String> values;

  private Variables(Map<String, String> values) {
    this.values = values;
  }

  /**
   * The environment; {@code FEDLLM_DATA} is the data beside the workspace where nobody says else,
   * {@code FEDLLM_DEMO} the workspace's own.
   */
  public static Variables of(Map<String, String> environment, Path workspace) {
    Map<String, String> values = new TreeMap<>(environment);
    Path beside = workspace.resolve("../shared/data").normalize();
    if (Files.isDirectory(beside)) {
      values.putIfAbsent(DATA, beside.toString());
    }
    values.putIfAbsent(DEMO, workspace.resolve("launch/demo").normalize().toString());
    return new Variables(values);
  }

  /** A text with every variable replaced; its lines stay where they are. */
  String fill(String text) {
    return VARIABLE
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1))));
  }

  /** The variables of a text that have no value. */
  Set<String> unset(String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = VARIABLE.matcher(text);
    while (matcher.find()) {
      if (!values.containsKey(matcher.group(1))) {
        names.add(matcher.group(1));
      }
    }
    return names;
  }

  /** Refuses a job that asks for variables which have no value. */
  static Refused refusal(String source, Set<String> unset) {
    String what =
        unset.equals(Set.of(DATA))
            ? SOURCES
            : "set "
                + String.join(", ", unset)
                + " in the environment; the job reads "
                + (unset.size() == 1 ? "it" : "them");
    return new Refused(source + ": " + what);
  }
}
