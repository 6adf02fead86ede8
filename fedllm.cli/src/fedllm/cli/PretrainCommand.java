package fedllm.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

@Command(name = "pretrain-demo", description = "Train the demo's base model again, from nothing.")
final class PretrainCommand implements Callable<Integer> {

  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return Program.run("fedllm.demo", "fedllm.demo.PretrainDemo", arguments);
  }
}
