package fedllm.cli;

import fedllm.cli.merge.MergeOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "merge",
    description = "Fold an adapter into its model, and write the whole as a model's folder.")
final class MergeCommand implements Callable<Integer> {

  @Mixin private MergeOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    List<String> all = spec.root().commandLine().getParseResult().originalArgs();
    List<String> own = all.subList(all.indexOf(spec.name()) + 1, all.size());
    return Program.run("fedllm.merge", "fedllm.merge.Main", own);
  }
}
