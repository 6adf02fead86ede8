package fedllm.runtime.silo;

import fedllm.api.data.DataSource;
import fedllm.api.error.Refused;
import fedllm.runtime.data.FileSpec;
import fedllm.runtime.data.HeldOut;
import fedllm.runtime.data.Part;
import fedllm.runtime.data.Templates;
import fedllm.runtime.job.JobCheck;
import fedllm.runtime.job.Spec;
import fedllm.runtime.job.Yaml;
import fedllm.runtime.plugin.Installed;
import fedllm.runtime.plugin.PluginInfo;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads what a silo.yaml says of one file. */
public final class FileEntry {

  /** What it can say. */
  public static final Set<String> KEYS =
      Set.of(
          "path",
          "format",
          "options",
          "template",
          "heldOut",
          "heldOutLimit",
          "limit",
          "part",
          "of",
          "partition");

  private static final String KIND = Installed.kindOf(DataSource.class.getName());

  private FileEntry() {}

  /**
   * Reads an entry, and checks what it says of plugins.
   *
   * @param source the YAML's name, for messages
   * @param known the plugins that are here
   */
  public static FileSpec read(
      String source, Yaml entry, Templates templates, Collection<PluginInfo> known) {
    return read(source, entry, templates, known, 0, SiloConfig.WHOLE);
  }

  /**
   * The same of a gateway.
   *
   * @param clients among whom the file is cut; 0 for no gateway
   * @param client whose part is read, from 0 on, or {@link SiloConfig#WHOLE}
   */
  static FileSpec read(
      String source,
      Yaml entry,
      Templates templates,
      Collection<PluginInfo> known,
      int clients,
      int client) {
    entry.only(KEYS);
    String path = entry.text("path", null);
    String format = entry.text("format", "");
    Yaml options = entry.mapping("options");
    String template = entry.text("template", "plain");
    String heldOut = entry.text("heldOut", "0");
    long heldOutLimit = entry.number("heldOutLimit", 0);
    long limit = entry.number("limit", 0);
    JobCheck check = new JobCheck(known);
    FileSpec file;
    try {
      file =
          new FileSpec(
              Path.of(path),
              format,
              options == null ? Map.of() : options.values(),
              templates.get(template),
              HeldOut.parse(heldOut, heldOutLimit),
              limit,
              clients == 0
                  ? part(source, entry, check)
                  : part(source, entry, check, clients, client));
    } catch (InvalidPathException e) {
      throw new Refused(source + ":" + entry.line() + ": " + e.getMessage(), e);
    } catch (Refused e) {
      throw e.getMessage().startsWith(source + ":")
          ? e
          : new Refused(source + ":" + entry.line() + ": " + e.getMessage(), e);
    }
    check.check(source, new Spec(KIND, file.format(), file.options(), entry.line()));
    return file;
  }

  private static Part part(String source, Yaml entry, JobCheck check) {
    if (!entry.has("partition") && !entry.has("part") && !entry.has("of")) {
      return null;
    }
    for (String key : new String[] {"partition", "part", "of"}) {
      if (!entry.has(key)) {
        throw entry.refused(
            key,
            "the key "
                + key
                + " is missing; a part of a file is such as"
                + " part: 1, of: 10, partition: { name: iid }");
      }
    }
    Spec spec = cut(entry);
    check.check(source, spec);
    return new Part(
        number(entry, "part"), number(entry, "of"), spec.name(), spec.options(), seed(entry));
  }

  /** The part of one of a gateway's clients; null for all of them together. */
  private static Part part(String source, Yaml entry, JobCheck check, int clients, int client) {
    if (!entry.has("partition") || entry.has("part") || entry.has("of")) {
      throw entry.refused(
          "partition",
          "a gateway's file needs a partition, such as { name: iid }, and neither part nor of");
    }
    Spec spec = cut(entry);
    check.check(source, spec);
    return client < 0
        ? null
        : new Part(client + 1, clients, spec.name(), spec.options(), seed(entry));
  }

  private static int number(Yaml entry, String key) {
    long number = entry.number(key, 1);
    if (number != (int) number) {
      throw entry.refused(key, key + " is " + number + ", which is far too many");
    }
    return (int) number;
  }

  /** The partitioner and its options; the seed is the platform's. */
  private static Spec cut(Yaml entry) {
    Spec said = Spec.of(KIND, entry.item("partition"));
    Map<String, Object> options = new LinkedHashMap<>(said.options());
    options.remove("seed");
    return new Spec(KIND, said.name(), options, said.line());
  }

  private static long seed(Yaml entry) {
    Yaml.Item said = entry.item("partition");
    return said.word() == null ? said.mapping().number("seed", 0) : 0;
  }
}
