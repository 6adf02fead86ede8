package fedllm.cli.job;

import fedllm.api.error.Refused;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.job.Yaml;
import fedllm.runtime.message.Topics;
import fedllm.runtime.silo.FileEntry;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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

  /** Reads a job's file. */
  public static Job read(Path file, Variables variables) {
    String source = file.getFileName().toString();
    try {
      String text = Files.readString(file);
      return parse(source, file.toAbsolutePath().getParent(), text, variables);
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
    return new LocalSilo(
        POOLED, silos.stream().flatMap(silo -> silo.wholeFiles().stream()).toList(), 0, 1);
  }

  /**
   * Reads a job's text.
   *
   * @param source what messages call it
   * @param folder where its relative paths start
   */
  public static Job parse(String source, Path folder, String text, Variables variables) {
    Yaml written = Yaml.read(text, source);
    Set<String> unset = new TreeSet<>();
    for (ScalarNode scalar : Scalars.of(written.node())) {
      unset.addAll(variables.unset(scalar.getValue()));
    }
    if (!unset.isEmpty()) {
      throw Variables.refusal(source, unset);
    }
    String filled = Scalars.replace(text, written.node(), variables::fill);
    Yaml yaml = Yaml.read(filled, source);
    yaml.only(JobReader.KEYS);
    JobFolder at = new JobFolder(folder);
    Submission submission = new Submission(filled, yaml);
    Set<String> compare = compare(yaml);
    if (!compare.isEmpty()) {
      submission.checkComparable();
    }
    return new Job(
        source,
        federation(yaml),
        yaml.has("base") ? at.existing(yaml.item("base")) : null,
        isWord(yaml, "data") ? yaml.text("data", null) : "data",
        yaml.has("bootstrap") ? yaml.text("bootstrap", null) : null,
        silos(at, yaml, compare),
        compare,
        submission);
  }

  private static String federation(Yaml yaml) {
    String name = yaml.text("federation", null);
    try {
      Topics.checkName("the federation", name);
    } catch (Refused e) {
      throw yaml.refused("federation", e.getMessage());
    }
    return name;
  }

  private static boolean isWord(Yaml yaml, String key) {
    return yaml.has(key) && yaml.item(key).word() != null;
  }

  private static Set<String> compare(Yaml yaml) {
    Set<String> compare = new TreeSet<>();
    for (Yaml.Item item : yaml.oneOrMore("compare")) {
      if (!item.text().equals(ALONE) && !item.text().equals(POOLED)) {
        throw item.refused("run compares with alone and pooled, not with " + item.text());
      }
      compare.add(item.text());
    }
    return compare;
  }

  private static List<LocalSilo> silos(JobFolder folder, Yaml yaml, Set<String> compare) {
    Set<String> settings = new TreeSet<>(FileEntry.KEYS);
    settings.remove("path"); // its list is called data here
    Yaml common = isWord(yaml, "data") ? null : yaml.mapping("data");
    if (common != null) {
      common.only(settings);
    }
    Set<String> known = new TreeSet<>(settings);
    known.addAll(List.of("name", "data", LocalSilo.PARTS, LocalSilo.CLIENTS));
    List<LocalSilo> silos = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Yaml.Item item : yaml.items("silos")) {
      item.mapping().only(known);
      for (LocalSilo silo : LocalSilo.of(folder, item, common, settings)) {
        if (!names.add(silo.name())) {
          throw item.refused("two silos are called " + silo.name());
        }
        if (silo.name().equals(POOLED) && compare.contains(POOLED)) {
          throw item.refused("the name pooled is taken by the comparison; rename that silo");
        }
        silos.add(silo);
      }
    }
    if (silos.isEmpty()) {
      throw yaml.refused("silos", "run needs at least one silo under silos:");
    }
    return silos;
  }
}
