package fedllm.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

@Command(
    name = "compare",
    description =
        "Run recipes beside each silo alone, FedIT and pooled training: a table, and curves.")
final class CompareCommand implements Callable<Integer> {

  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return Program.run("fedllm.recipe", "fedllm.recipe.CompareMain", arguments);
  }
}
