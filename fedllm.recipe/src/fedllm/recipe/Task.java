package fedllm.recipe;

import fedllm.runtime.job.Yaml;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.nodes.MappingNode;

/**
 * What all recipes are tried on: a job of its own, of which each recipe changes a part.
 *
 * @param source its file's name
 * @param says what it shows and what it cannot: the comment at its top
 * @param job the job
 */
public record Task(String source, String says, Yaml job) {

  static Task read(Path file) {
    String source = file.getFileName().toString();
    try {
      String text = Files.readString(file);
      String says =
          text.lines()
              .takeWhile(line -> line.startsWith("#"))
              .map(line -> line.substring(1).strip())
              .collect(Collectors.joining("\n"));
      return new Task(source, says, Yaml.read(text, source));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the task " + file, e);
    }
  }

  /**
   * The text of the job that a recipe makes of it.
   *
   * @param federation a name that no other federation at the broker has
   * @param bootstrap the broker, or empty for one of the run's own
   * @param compare {@code alone}, {@code pooled}
   */
  public String with(
      Recipe recipe, String federation, long seed, String bootstrap, String... compare) {
    MappingNode whole = Composition.of(job.node(), recipe.job().node());
    Composition.put(whole, "federation", federation);
    Composition.put(whole, "seed", seed);
    if (!bootstrap.isEmpty()) {
      Composition.put(whole, "bootstrap", bootstrap);
    }
    if (compare.length > 0) {
      Composition.put(whole, "compare", compare);
    }
    DumperOptions form = new DumperOptions();
    form.setWidth(110);
    StringWriter text = new StringWriter();
    new org.yaml.snakeyaml.Yaml(form).serialize(whole, text);
    return text.toString();
  }
}
