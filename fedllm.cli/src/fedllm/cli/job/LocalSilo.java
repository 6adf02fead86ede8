package fedllm.cli.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A silo that {@code run} starts, and the texts that it keeps.
 *
 * @param name its name in the federation
 * @param files none for a trainer that needs no text
 */
public record LocalSilo(String name, List<DataFile> files) {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  public LocalSilo {
    files = List.copyOf(files);
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
