package fedllm.runtime.silo;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.runtime.data.DataSpec;
import fedllm.runtime.data.FileSpec;
import fedllm.runtime.data.Part;
import fedllm.runtime.data.Templates;
import fedllm.runtime.job.Yaml;
import fedllm.runtime.plugin.PluginInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
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
 * @param clients for how many small ones it speaks, each with its part of every file; 0 for a silo
 *     that is its own client
 * @param tellsFiles whether reasons that leave the silo may name its files
 */
public record SiloConfig(
    String source,
    Map<String, Path> bases,
    Map<String, Yaml> data,
    int clients,
    boolean tellsFiles) {

  /** Which client's data: none's, but all of them together. */
  static final int WHOLE = -1;

  /** One that is its own client, whose files are nobody else's business. */
  public SiloConfig(String source, Map<String, Path> bases, Map<String, Yaml> data) {
    this(source, bases, data, 0, false);
  }

  /** The same, where one user runs the whole federation and may read the names of files. */
  public SiloConfig tellingFiles() {
    return new SiloConfig(source, bases, data, clients, true);
  }

  /** A gateway of so many clients. */
  public SiloConfig gatewayOf(int count) {
    return new SiloConfig(source, bases, data, count, tellsFiles);
  }

  /** What may leave the silo of a reason: nothing of its files' names, if those are its own. */
  String outward(String reason) {
    return tellsFiles ? reason : new Discretion(this).outward(reason);
  }

  /** Reads silo.yaml. */
  public static SiloConfig read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new Refused(file + " cannot be read: " + e, e);
    }
    Yaml yaml = Yaml.read(text, file.toString());
    yaml.only(Set.of("bases", "data", "clients"));
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
    long clients = yaml.number("clients", 0);
    if (clients < 0 || clients > Part.MAX) {
      throw yaml.refused("clients", "a gateway speaks for at most " + Part.MAX + " clients");
    }
    return new SiloConfig(file.toString(), bases, data).gatewayOf((int) clients);
  }

  /** The folder of a base model. */
  public Path base(String name) {
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

  /**
   * A data set, with the templates of the house and of the job.
   *
   * @param known the plugins that are here, for the files' formats
   */
  public DataSpec data(String name, Map<String, Object> templates, Collection<PluginInfo> known) {
    return data(name, templates, known, WHOLE);
  }

  /** The same of one of a gateway's clients, from 0 on. */
  DataSpec data(
      String name, Map<String, Object> templates, Collection<PluginInfo> known, int client) {
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
    Templates all = Templates.ofTheHouse().and(templates);
    List<FileSpec> files = new ArrayList<>();
    for (Yaml.Item item : set.items("files")) {
      files.add(FileEntry.read(source, item.mapping(), all, known, clients, client));
    }
    return new DataSpec(name, files);
  }
}
