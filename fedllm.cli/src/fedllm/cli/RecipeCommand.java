package fedllm.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

@Command(
    name = "recipe",
    description = "Run a paper's recipe, and print its claim beside what is measured here.")
final class RecipeCommand implements Callable<Integer> {

  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return Program.run("fedllm.recipe", "fedllm.recipe.RecipeMain", arguments);
  }
}
