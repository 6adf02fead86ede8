package fedllm.cli.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.cli.job.LocalSilo;
import fedllm.runtime.data.DataSpec;
import fedllm.runtime.data.FileSpec;
import fedllm.runtime.data.Templates;
import fedllm.runtime.job.Yaml;
import fedllm.runtime.plugin.PluginInfo;
import fedllm.runtime.silo.FileEntry;
import fedllm.runtime.silo.SiloConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes views of what the user names, and refuses what a silo would refuse. */
public final class Views {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Collection<PluginInfo> known;
  private final Map<String, Object> templates;

  /** With the plugins that are known, and the job's own templates beside those of the house. */
  public Views(Collection<PluginInfo> known, Map<String, Object> templates) {
    this.known = List.copyOf(known);
    this.templates = templates;
  }

  /**
   * One file.
   *
   * @param entry what a silo.yaml would say of it; with {@code parts} every part is a view
   */
  public List<View> ofFile(Map<String, Object> entry) {
    String name = entry.get("path").toString().replaceAll(".*/", "");
    Object parts = entry.get("parts");
    if (parts == null) {
      return List.of(view(name, "the command line", 1, List.of(entry)));
    }
    List<View> views = new ArrayList<>();
    for (long part = 1; part <= (Long) parts; part++) {
      Map<String, Object> cut = new LinkedHashMap<>(entry);
      cut.remove("parts");
      cut.put("of", parts);
      cut.put("part", part);
      views.add(view("part " + part, "the command line", 1, List.of(cut)));
    }
    return views;
  }

  /** The silos that a job lists. */
  public List<View> ofJob(String source, List<LocalSilo> silos) {
    return silos.stream()
        .filter(silo -> !silo.files().isEmpty())
        .map(silo -> view(silo.name(), source, silo.line(), silo.files()))
        .toList();
  }

  /** The data sets of a silo. */
  public List<View> ofSilo(SiloConfig config) {
    return config.data().keySet().stream()
        .map(name -> new View(name, config.data(name, templates, known)))
        .toList();
  }

  private View view(String name, String source, int line, List<Map<String, Object>> entries) {
    Templates all = Templates.ofTheHouse().and(templates);
    List<FileSpec> files = new ArrayList<>();
    for (Map<String, Object> entry : entries) {
      files.add(FileEntry.read(source, yaml(source, line, entry), all, known));
    }
    return new View(name, new DataSpec(name, files));
  }

  /** JSON is YAML; the entry keeps the line that the user wrote it on. */
  private static Yaml yaml(String source, int line, Map<String, Object> entry) {
    try {
      return Yaml.read("\n".repeat(line - 1) + JSON.writeValueAsString(entry), source);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of plain values are JSON", e);
    }
  }
}
