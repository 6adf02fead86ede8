package fedllm.runtime.silo;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.runtime.data.DataSpec;
import fedllm.runtime.data.FileSpec;
import fedllm.runtime.data.HeldOut;
import fedllm.runtime.data.Templates;
import fedllm.runtime.job.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A silo's own file: what the names in a job mean on this machine.
 *
 * @param source the file
 * @param bases folders of base models, by name
 * @param data its data sets, by name, as the file says
 */
public record SiloConfig(String source, Map<String, Path> bases, Map<String, Yaml> data) {

  /** What a silo.yaml can say of a file. */
  public static final Set<String> FILE_KEYS =
      Set.of("path", "format", "options", "template", "heldOut", "heldOutLimit", "limit");

  /** Reads silo.yaml. */
  public static SiloConfig read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new Refused(file + " cannot be read: " + e, e);
    }
    Yaml yaml = Yaml.read(text, file.toString());
    yaml.only(Set.of("bases", "data"));
    Map<String, Path> bases = new LinkedHashMap<>();
    Yaml paths = yaml.mapping("bases");
    if (paths != null) {
      paths.keys().forEach(name -> bases.put(name, Path.of(paths.text(name, null))));
    }
    Map<String, Yaml> data = new LinkedHashMap<>();
    Yaml sets = yaml.mapping("data");
    if (sets != null) {
      sets.keys().forEach(name -> data.put(name, sets.mapping(name)));
    }
    return new SiloConfig(file.toString(), bases, data);
  }

  /** The folder of a base model. */
  Path base(String name) {
    Path path = bases.get(name);
    if (path == null) {
      throw new SitsOut(
          "the base "
              + name
              + " is not here; this silo has "
              + new TreeSet<>(bases.keySet())
              + "; add it under bases: in its silo.yaml");
    }
    return path;
  }

  /** A data set, with the templates of the house and of the job. */
  DataSpec data(String name, Map<String, Object> templates) {
    Yaml set = data.get(name);
    if (set == null) {
      throw new SitsOut(
          "the data "
              + name
              + " is not here; this silo has "
              + new TreeSet<>(data.keySet())
              + "; add it under data: in its silo.yaml");
    }
    set.only(Set.of("files"));
    Templates known = Templates.ofTheHouse().and(templates);
    List<FileSpec> files = new ArrayList<>();
    for (Yaml.Item item : set.items("files")) {
      Yaml entry = item.mapping();
      entry.only(FILE_KEYS);
      Yaml options = entry.mapping("options");
      files.add(
          new FileSpec(
              Path.of(entry.text("path", null)),
              entry.text("format", ""),
              options == null ? Map.of() : options.values(),
              known.get(entry.text("template", "plain")),
              HeldOut.parse(entry.text("heldOut", "0"), entry.number("heldOutLimit", 0)),
              entry.number("limit", 0)));
    }
    return new DataSpec(name, files);
  }
}
