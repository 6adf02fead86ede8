package fedllm.recipe;

import fedllm.api.error.Refused;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The recipes of a folder.
 *
 * @param folder {@code NAME.yaml} for each, and {@code tasks}
 */
public record Recipes(Path folder) {

  /** Those of the product. */
  public static Recipes of(Workspace workspace) {
    return new Recipes(workspace.root().resolve("launch/recipes"));
  }

  /** The names that are there, in alphabetical order. */
  public List<String> names() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".yaml"))
          .map(file -> file.substring(0, file.length() - ".yaml".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the recipes in " + folder, e);
    }
  }

  /** One of them; a name that none has is refused with those that are there. */
  public Recipe named(String name) {
    Set<String> names = new TreeSet<>(names());
    if (!names.contains(name)) {
      throw new Refused("no recipe is called " + name + "; there are " + String.join(", ", names));
    }
    Recipe recipe = Recipe.read(folder.resolve(name + ".yaml"));
    recipe.checkAgainst(names);
    return recipe;
  }

  /** All of them. */
  public List<Recipe> all() {
    return names().stream().map(this::named).collect(Collectors.toList());
  }

  /**
   * The task that all share: on the product's own data, or on the public sets of {@code --data}.
   */
  public Task task(boolean publicData) {
    return Task.read(folder.resolve("tasks").resolve(publicData ? "public.yaml" : "demo.yaml"));
  }
}
