package fedllm.cli;

import fedllm.cli.access.AclOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "acl",
    description =
        "Print what a Kafka cluster has to allow each node of a federation, and no more; or make it"
            + " so. With --topics the silos' topics, too.")
final class AclCommand implements Callable<Integer> {

  @Mixin private AclOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    List<String> all = spec.root().commandLine().getParseResult().originalArgs();
    List<String> own = all.subList(all.indexOf(spec.name()) + 1, all.size());
    return Program.run("fedllm.access", "fedllm.access.Main", own);
  }
}
