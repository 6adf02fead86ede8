package fedllm.cli;

import fedllm.api.error.Refused;
import fedllm.cli.bundle.KeyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "keys",
    description = "Make a key to sign plugins with; prints its public half, for approved lists.")
final class KeysCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "Where the private key is, or will be.")
  private Path file;

  @Option(names = "--show", description = "Only print the public half of a key that is there.")
  private boolean show;

  @Override
  public Integer call() {
    if (!show) {
      if (Files.exists(file)) {
        throw new Refused(file + " is there already; --show prints its public half");
      }
      KeyFile.create(file);
    }
    System.out.println("key=" + KeyFile.publicText(KeyFile.read(file)));
    return 0;
  }
}
