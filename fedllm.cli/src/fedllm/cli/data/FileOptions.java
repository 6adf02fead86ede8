package fedllm.cli.data;

import fedllm.api.error.Refused;
import fedllm.runtime.job.Yaml;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What {@code data} may be told of a file, as a silo.yaml would say it. */
public final class FileOptions {

  @Option(names = "--format", paramLabel = "NAME", description = "How to read the file.")
  private String format;

  @Option(
      names = "--format-options",
      paramLabel = "YAML",
      description = "Options of the format, such as '{ separator: tab }'.")
  private String options;

  @Option(names = "--template", paramLabel = "NAME", description = "What makes examples of rows.")
  private String template;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE|FILE",
      description = "What is kept to measure with.")
  private String heldOut;

  @Option(names = "--limit", paramLabel = "N", description = "A sample of so many examples.")
  private Long limit;

  @Option(
      names = "--partition",
      paramLabel = "YAML",
      description = "Cut the file, such as '{ name: dirichlet, by: category, alpha: 0.5 }'.")
  private String partition;

  @Option(names = "--parts", paramLabel = "N", description = "Into so many parts.")
  private Long parts;

  /** The entry of a silo.yaml that says the same; with {@code parts} one for each. */
  public Map<String, Object> entry(Path file) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("path", file.toString());
    put(entry, "format", format);
    put(entry, "options", value("--format-options", options));
    put(entry, "template", template);
    put(entry, "heldOut", heldOut);
    put(entry, "limit", limit);
    put(entry, "partition", value("--partition", partition));
    put(entry, "parts", parts);
    if ((partition == null) != (parts == null) || (parts != null && parts < 1)) {
      throw new Refused("--partition says how to cut, --parts into how many, at least 1; say both");
    }
    return entry;
  }

  /** Whether any is given. */
  public boolean areGiven() {
    return entry(Path.of("")).size() > 1;
  }

  private static void put(Map<String, Object> entry, String key, Object value) {
    if (value != null) {
      entry.put(key, value);
    }
  }

  private static Object value(String option, String yaml) {
    return yaml == null ? null : Yaml.read("value: " + yaml, option).value("value");
  }
}
