package fedllm.cli.evaluate;

import fedllm.api.error.Refused;
import fedllm.runtime.job.Yaml;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code evaluate} may be told. */
public final class EvaluateOptions {

  private static final String OWN = "own";

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A model: a folder in Hugging Face layout.")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "A file of texts.")
  private Path data;

  @Option(
      names = "--metric",
      split = ",",
      paramLabel = "NAME",
      description = "Evaluators, such as perplexity,exact-match. By default perplexity.")
  private List<String> metrics = List.of("perplexity");

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description =
          "An option of all metrics that have it, such as 'labels=[A, B, C, D]'. Of sequence the"
              + " default is what the model reads, at most 1024.")
  private Map<String, String> options = Map.of();

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "What was learned beside it: a folder in PEFT layout, such as a run makes.")
  private Path adapter;

  @Option(
      names = "--template",
      paramLabel = "NAME|YAML",
      description =
          "What makes examples of rows: a name, or such as '{ prompt: \"{q} \", answer: \"{a}\""
              + " }'.")
  private String template;

  @Option(names = "--format", paramLabel = "NAME", description = "How to read the file.")
  private String format;

  @Option(
      names = "--format-options",
      paramLabel = "YAML",
      description = "Options of the format, such as '{ separator: tab }'.")
  private String formatOptions;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      description =
          "Measure on what a silo that holds out this share keeps; by default on all there is.")
  private String heldOut;

  @Option(names = "--limit", paramLabel = "N", description = "A sample of so many examples.")
  private Long limit;

  @Option(
      names = "--storage",
      paramLabel = "NAME",
      description = "How matrices lie in memory: fp32, bf16, int8, nf4, ...")
  private String storage;

  @Option(
      names = "--watts",
      defaultValue = "10",
      paramLabel = "W",
      description =
          "What a busy core draws, memory and cooling included, for an estimate of joules. By"
              + " default 10.")
  private double watts;

  @Option(names = "--json", paramLabel = "FILE", description = "Write it there for programs.")
  private Path json;

  /** What is wrong with them is refused. */
  public void check() {
    if (!(watts > 0 && watts < 10_000)) {
      throw new Refused("--watts is above 0 and below 10000");
    }
    entry();
    values();
    templates();
  }

  /** The entry of a silo.yaml that says the same of the file. */
  public Map<String, Object> entry() {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("path", data.toString());
    put(entry, "format", format);
    put(entry, "options", formatOptions == null ? null : value("--format-options", formatOptions));
    put(entry, "template", templates().isEmpty() ? template : OWN);
    put(entry, "heldOut", heldOut);
    put(entry, "limit", limit);
    return entry;
  }

  /** The template that is written out, by its name; none where one is named. */
  public Map<String, Object> templates() {
    return template != null && template.strip().matches("(?s)[{\\[].*")
        ? Map.of(OWN, value("--template", template))
        : Map.of();
  }

  /** Options of metrics. */
  public Map<String, Object> values() {
    Map<String, Object> values = new TreeMap<>();
    options.forEach((key, value) -> values.put(key, value("--option " + key, value)));
    return values;
  }

  private static void put(Map<String, Object> entry, String key, Object value) {
    if (value != null) {
      entry.put(key, value);
    }
  }

  private static Object value(String option, String yaml) {
    Object value = Yaml.read("value: " + yaml, option).value("value");
    if (value == null) {
      throw new Refused(
          option + " has no value; YAML wants some texts in quotes, such as \"####\"");
    }
    return value;
  }

  /** The model's folder. */
  public Path model() {
    return model;
  }

  /** The file of texts. */
  public Path data() {
    return data;
  }

  /** Whether only what is held out is measured on. */
  public boolean heldOutOnly() {
    return heldOut != null;
  }

  /** The evaluators, in order. */
  public List<String> metrics() {
    return metrics;
  }

  /** The adapter's folder, or null. */
  public Path adapter() {
    return adapter;
  }

  /** The storage's name, or null. */
  public String storage() {
    return storage;
  }

  /** Of a busy core. */
  public double watts() {
    return watts;
  }

  /** Where programs read it, or null. */
  public Path json() {
    return json;
  }
}
