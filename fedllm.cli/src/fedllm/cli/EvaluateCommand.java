package fedllm.cli;

import fedllm.cli.evaluate.EvaluateOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "evaluate",
    description = {
      "Measure a model, with an adapter or without, on a file of texts, and what that costs.",
      "Metrics are this house's evaluators: ./fedllm methods lists them with their options."
    })
final class EvaluateCommand implements Callable<Integer> {

  @Mixin private EvaluateOptions options;

  @Mixin private ComputeOptions compute;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    compute.apply();
    List<String> all = spec.root().commandLine().getParseResult().originalArgs();
    List<String> own = all.subList(all.indexOf(spec.name()) + 1, all.size());
    return Program.run("fedllm.evaluate", "fedllm.evaluate.Main", own);
  }
}
