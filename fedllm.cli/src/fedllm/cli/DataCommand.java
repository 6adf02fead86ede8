package fedllm.cli;

import fedllm.cli.data.DataOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "data",
    description = {
      "Show what the model will see of files: how many examples, how long, how many are cut, how"
          + " parts differ, and a few examples with their answers marked.",
      "It prints texts: it is for those who may read them."
    })
final class DataCommand implements Callable<Integer> {

  @Mixin private DataOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    List<String> all = spec.root().commandLine().getParseResult().originalArgs();
    List<String> own = all.subList(all.indexOf(spec.name()) + 1, all.size());
    return Program.run("fedllm.preview", "fedllm.preview.Main", own);
  }
}
