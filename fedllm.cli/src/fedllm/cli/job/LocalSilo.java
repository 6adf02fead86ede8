package fedllm.cli.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import fedllm.api.error.Refused;
import fedllm.runtime.job.Yaml;
import fedllm.runtime.message.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A silo that {@code run} starts, and the texts that it keeps.
 *
 * @param name its name in the federation
 * @param files what its silo.yaml says of each; none for a trainer that needs no text
 */
public record LocalSilo(String name, List<Map<String, Object>> files) {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  public LocalSilo {
    files = List.copyOf(files);
  }

  /** Of an entry in a job; what it does not say of its files, the job does for all. */
  static LocalSilo of(JobFolder folder, Yaml.Item entry, Yaml common, Set<String> settings) {
    Yaml silo = entry.mapping();
    String name = silo.text("name", null);
    try {
      Topics.checkName("a silo", name);
    } catch (Refused e) {
      throw silo.refused("name", e.getMessage());
    }
    Map<String, Object> said = new LinkedHashMap<>();
    for (String key : settings) {
      Yaml from = silo.has(key) || common == null ? silo : common;
      if (from.has(key)) {
        said.put(key, setting(folder, from, key));
      }
    }
    List<Map<String, Object>> files = new ArrayList<>();
    for (Yaml.Item path : silo.oneOrMore("data")) {
      Map<String, Object> file = new LinkedHashMap<>(said);
      file.put("path", folder.existing(path).toString());
      files.add(file);
    }
    return new LocalSilo(name, files);
  }

  private static Object setting(JobFolder folder, Yaml from, String key) {
    return switch (key) {
      case "limit", "heldOutLimit" -> from.number(key, 0);
      case "heldOut" ->
          from.value(key) instanceof Number share
              ? share
              : folder.existing(from.item(key)).toString();
      default -> from.value(key);
    };
  }

  /** Writes what a real silo's operator writes by hand: where the base and the data lie. */
  public void writeYaml(Path file, Job job) throws IOException {
    Map<String, Object> yaml = new LinkedHashMap<>();
    if (job.base() != null) {
      yaml.put("bases", Map.of(job.submission().baseName(), job.base().toString()));
    }
    if (!files.isEmpty()) {
      yaml.put("data", Map.of(job.data(), Map.of("files", files)));
    }
    Files.write(file, YAML.writeValueAsBytes(yaml));
  }
}
