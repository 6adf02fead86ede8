package fedllm.cli.job;

import fedllm.api.error.Refused;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * A job as {@code run} needs it. What the server checks is not checked here.
 *
 * @param source the file's name, for messages
 * @param federation its name
 * @param base the base model's folder; null where no model is needed
 * @param data what the job calls the silos' data
 * @param bootstrap a Kafka broker, or null: {@code run} brings one
 * @param silos to start, at least one
 * @param compare what to train as well: {@code alone}, {@code pooled}
 * @param submission what to submit
 */
public record Job(
    String source,
    String federation,
    Path base,
    String data,
    String bootstrap,
    List<LocalSilo> silos,
    Set<String> compare,
    Submission submission) {

  /** The silo that has every silo's data, in comparisons. */
  public static final String POOLED = "pooled";

  /** The comparison in which every silo trains by itself. */
  public static final String ALONE = "alone";

  private static final List<String> SETTINGS =
      List.of("format", "template", "heldOut", "heldOutLimit", "limit");

  /** Reads a job's file. */
  public static Job read(Path file, Variables variables) {
    String source = file.getFileName().toString();
    try {
      String text = Files.readString(file);
      return parse(source, file.toAbsolutePath().getParent(), text, variables);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw new Refused(source + ":" + line + ": this is no YAML: " + e.getProblem(), e);
    } catch (CharacterCodingException e) {
      throw new Refused(file + " is not UTF-8", e);
    } catch (NoSuchFileException e) {
      throw new Refused("there is no job " + file, e);
    } catch (IOException e) {
      throw new Refused("cannot read the job " + file + ": " + e.getMessage(), e);
    }
  }

  /** The names of the silos that the job lists. */
  public List<String> names() {
    return silos.stream().map(LocalSilo::name).toList();
  }

  /** The silo that has every silo's data. */
  public LocalSilo pooled() {
    return new LocalSilo(POOLED, silos.stream().flatMap(silo -> silo.files().stream()).toList());
  }

  private static Job parse(String source, Path folder, String text, Variables variables) {
    Set<String> unset = new TreeSet<>();
    for (ScalarNode scalar : Scalars.of(root(source, text).node())) {
      unset.addAll(variables.unset(scalar.getValue()));
    }
    if (!unset.isEmpty()) {
      throw Variables.refusal(source, unset);
    }
    String filled = Scalars.replace(text, root(source, text).node(), variables::fill);
    Entry root = root(source, filled);
    Map<String, Entry> keys = root.entries();
    JobFolder at = new JobFolder(folder);
    List<LocalSilo> silos = silos(at, required(root, keys, "silos"), keys.get("data"));
    Set<String> compare = compare(keys);
    Entry pooled = keys.get("silos");
    if (compare.contains(POOLED) && silos.stream().anyMatch(s -> s.name().equals(POOLED))) {
      throw pooled.wrong("the name pooled is taken by the comparison; rename that silo");
    }
    return new Job(
        source,
        required(root, keys, "federation").text(),
        keys.containsKey("base") ? at.existing(keys.get("base")) : null,
        isMapping(keys.get("data")) ? "data" : keys.get("data").text(),
        keys.containsKey("bootstrap") ? keys.get("bootstrap").text() : null,
        silos,
        compare,
        new Submission(filled, root));
  }

  private static Entry root(String source, String text) {
    Node node = new Yaml(new LoaderOptions()).compose(new StringReader(text));
    if (node == null) {
      throw new Refused(source + ": this job is empty");
    }
    return new Entry(source, node);
  }

  private static boolean isMapping(Entry data) {
    return data == null || data.node() instanceof MappingNode;
  }

  private static Entry required(Entry root, Map<String, Entry> keys, String key) {
    Entry entry = keys.get(key);
    if (entry == null) {
      throw root.wrong("this job lacks the key " + key + ", which run needs");
    }
    return entry;
  }

  private static Set<String> compare(Map<String, Entry> keys) {
    Set<String> compare = new TreeSet<>();
    if (keys.containsKey("compare")) {
      for (Entry item : keys.get("compare").oneOrMore()) {
        if (!item.text().equals(ALONE) && !item.text().equals(POOLED)) {
          throw item.wrong("run compares with alone and pooled, not with " + item.text());
        }
        compare.add(item.text());
      }
    }
    return compare;
  }

  private static List<LocalSilo> silos(JobFolder folder, Entry list, Entry defaults) {
    Map<String, Entry> common =
        defaults != null && isMapping(defaults) ? defaults.entries(SETTINGS) : Map.of();
    List<String> known = new ArrayList<>(SETTINGS);
    known.addAll(List.of("name", "data"));
    List<LocalSilo> silos = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Entry item : list.items()) {
      Map<String, Entry> settings = new HashMap<>(common);
      settings.putAll(item.entries(known));
      String name = required(item, settings, "name").text();
      if (!name.matches("[A-Za-z0-9._-]{1,60}") || !names.add(name)) {
        throw item.wrong(
            "a silo's name is its own, of letters, digits, dots, hyphens; " + name + " is not");
      }
      List<Entry> paths =
          settings.containsKey("data") ? settings.get("data").oneOrMore() : List.of();
      silos.add(
          new LocalSilo(
              name, paths.stream().map(path -> DataFile.of(folder, path, settings)).toList()));
    }
    if (silos.isEmpty()) {
      throw list.wrong("run needs at least one silo");
    }
    return silos;
  }
}
