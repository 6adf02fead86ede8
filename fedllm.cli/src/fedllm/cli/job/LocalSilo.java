package fedllm.cli.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import fedllm.api.error.Refused;
import fedllm.runtime.data.Part;
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
 * @param clients for how many small ones it speaks, as a gateway; 0 for a silo that is its own
 * @param line where the job lists it
 */
public record LocalSilo(String name, List<Map<String, Object>> files, int clients, int line) {

  /** The key of an entry that stands for several silos. */
  static final String PARTS = "parts";

  /** The key of one that is a gateway of many small clients. */
  static final String CLIENTS = "clients";

  /** More processes than one machine is likely to bear. */
  private static final int MOST = 1000;

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  public LocalSilo {
    files = List.copyOf(files);
  }

  /**
   * Of an entry in a job; what it does not say of its files, the job does for all. One that is cut
   * into parts stands for as many silos, {@code name-1} and so on.
   */
  static List<LocalSilo> of(JobFolder folder, Yaml.Item entry, Yaml common, Set<String> settings) {
    Yaml silo = entry.mapping();
    Map<String, Object> said = new LinkedHashMap<>();
    for (String key : settings) {
      Yaml from = silo.has(key) || common == null ? silo : common;
      if (from.has(key)) {
        said.put(key, setting(folder, from, key));
      }
    }
    List<String> paths = new ArrayList<>();
    for (Yaml.Item path : silo.oneOrMore("data")) {
      paths.add(folder.existing(path).toString());
    }
    String name = silo.text("name", null);
    List<LocalSilo> silos = new ArrayList<>();
    if (!silo.has(PARTS)) {
      int clients = clients(silo, paths, said);
      silos.add(new LocalSilo(named(silo, name), files(paths, said), clients, entry.line()));
      return silos;
    }
    if (silo.has(CLIENTS)) {
      throw silo.refused(CLIENTS, "clients are of one gateway, and parts are silos; take one out");
    }
    long parts = parts(silo, said);
    String numbered = name + "-%0" + Long.toString(parts).length() + "d";
    for (long part = 1; part <= parts; part++) {
      said.put("part", part);
      said.put("of", parts);
      silos.add(
          new LocalSilo(
              named(silo, numbered.formatted(part)), files(paths, said), 0, entry.line()));
    }
    return silos;
  }

  private static int clients(Yaml silo, List<String> paths, Map<String, Object> said) {
    long clients = silo.number(CLIENTS, 0);
    if (silo.has(CLIENTS) && (clients < 1 || clients > Part.MAX)) {
      throw silo.refused(
          CLIENTS, "clients is " + clients + "; a gateway speaks for 1 to " + Part.MAX);
    }
    if (clients > 0 && !paths.isEmpty() && !said.containsKey("partition")) {
      throw silo.refused(
          CLIENTS,
          "clients needs a partition that says whose rows are whose, such as { name: iid }");
    }
    return (int) clients;
  }

  private static long parts(Yaml silo, Map<String, Object> said) {
    long parts = silo.number(PARTS, 1);
    if (parts < 1 || parts > MOST) {
      throw silo.refused(
          PARTS, "parts is " + parts + "; run starts 1 to " + MOST + " silos of one");
    }
    if (said.containsKey("part") || said.containsKey("of")) {
      throw silo.refused(PARTS, "parts makes a silo of each part; take part and of out");
    }
    if (!said.containsKey("partition")) {
      throw silo.refused(
          PARTS, "parts needs a partition that says how to cut, such as { name: iid }");
    }
    return parts;
  }

  private static String named(Yaml silo, String name) {
    try {
      Topics.checkName("a silo", name);
    } catch (Refused e) {
      throw silo.refused("name", e.getMessage());
    }
    return name;
  }

  private static List<Map<String, Object>> files(List<String> paths, Map<String, Object> said) {
    List<Map<String, Object>> files = new ArrayList<>();
    for (String path : paths) {
      Map<String, Object> file = new LinkedHashMap<>(said);
      file.put("path", path);
      files.add(file);
    }
    return files;
  }

  private static Object setting(JobFolder folder, Yaml from, String key) {
    return switch (key) {
      case "limit", "heldOutLimit", "part", "of" -> from.number(key, 0);
      case "heldOut" ->
          from.value(key) instanceof Number share
              ? share
              : folder.existing(from.item(key)).toString();
      default -> from.value(key);
    };
  }

  /** What a silo that is its own client would say of the same files. */
  List<Map<String, Object>> wholeFiles() {
    List<Map<String, Object>> whole = new ArrayList<>();
    for (Map<String, Object> file : files) {
      Map<String, Object> said = new LinkedHashMap<>(file);
      if (clients > 0) {
        said.remove("partition");
      }
      whole.add(said);
    }
    return whole;
  }

  /** Writes what a real silo's operator writes by hand: where the base and the data lie. */
  public void writeYaml(Path file, Job job) throws IOException {
    Map<String, Object> yaml = new LinkedHashMap<>();
    if (job.base() != null) {
      yaml.put("bases", Map.of(job.submission().baseName(), job.base().toString()));
    }
    if (clients > 0) {
      yaml.put(CLIENTS, clients);
    }
    if (!files.isEmpty()) {
      yaml.put("data", Map.of(job.data(), Map.of("files", files)));
    }
    Files.write(file, YAML.writeValueAsBytes(yaml));
  }
}
