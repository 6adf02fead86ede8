package fedllm.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

@Command(
    name = "chaos",
    description = "Kill each part of a federation in each phase, and compare how runs end.")
final class ChaosCommand implements Callable<Integer> {

  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return Program.run("fedllm.chaos", "fedllm.chaos.Main", arguments);
  }
}
