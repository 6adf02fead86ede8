package fedllm.cli;

import fedllm.runtime.bundle.ApprovedList;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "approve",
    description = "Print the lines of an approved list that let these bundles run.")
final class ApproveCommand implements Callable<Integer> {

  @Parameters(paramLabel = "JAR", arity = "1..*", description = "Bundles, signed or not.")
  private List<Path> jars;

  @Override
  public Integer call() {
    for (Path jar : jars) {
      System.out.println(ApprovedList.ruleFor(Jar.read(jar)));
    }
    return 0;
  }
}
