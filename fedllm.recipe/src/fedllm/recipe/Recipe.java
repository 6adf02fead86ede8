package fedllm.recipe;

import fedllm.api.error.Refused;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.job.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * A paper as a file: what of the shared task's job it changes, and what it claims.
 *
 * @param name its file's name, without the ending
 * @param title what people call the method
 * @param paper where it was published
 * @param does what it is, in a line
 * @param claim what it promises
 * @param personal whether each silo ends with a model of its own, and measures that one
 * @param job what it says of a job
 */
public record Recipe(
    String name, String title, String paper, String does, Claim claim, boolean personal, Yaml job) {

  /** What a recipe leaves to the program that runs it. */
  private static final Set<String> NOT_ITS_OWN = Set.of("federation", "bootstrap", "compare");

  /** Reads a recipe; what it says of plugins is checked where it is composed with a task. */
  public static Recipe read(Path file) {
    String source = file.getFileName().toString();
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the recipe " + file, e);
    }
    Yaml yaml = Yaml.read(text, source);
    yaml.only(Set.of("title", "paper", "does", "claim", "personal", "job"));
    for (String key : Set.of("claim", "job")) {
      if (!yaml.has(key)) {
        throw yaml.refused(key, "the key " + key + " is missing");
      }
    }
    return new Recipe(
        source.replaceFirst("\\.yaml$", ""),
        yaml.text("title", null),
        yaml.text("paper", null),
        yaml.text("does", null),
        Claim.read(yaml.mapping("claim")),
        Boolean.parseBoolean(yaml.text("personal", "false")),
        job(yaml.mapping("job")));
  }

  private static Yaml job(Yaml job) {
    Set<String> known = new TreeSet<>(JobReader.KEYS);
    known.removeAll(NOT_ITS_OWN);
    job.only(known);
    return job;
  }

  /** Refuses what its claim compares with, if that is neither a recipe nor known to all. */
  void checkAgainst(Set<String> recipes) {
    if (!claim.against().isEmpty()
        && !Figures.REFERENCES.contains(claim.against())
        && !recipes.contains(claim.against())) {
      throw new Refused(
          name
              + ".yaml: its claim is measured against "
              + claim.against()
              + ", which is neither a recipe nor one of "
              + Figures.REFERENCES);
    }
  }
}
