package fedllm.cli;

import fedllm.api.error.Refused;
import fedllm.cli.node.ShellClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.concurrent.Callable;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "shell",
    description = "Talk to a running node: runs, silos, watch last, lb, ...; help lists them all.")
final class ShellCommand implements Callable<Integer> {

  @Option(
      names = "-c",
      paramLabel = "COMMAND",
      description = "Only this command; its failure is the exit code.")
  private String command;

  @Mixin private ShellTarget target;

  @Override
  public Integer call() throws IOException {
    try (ShellClient shell = target.connect()) {
      if (Terminal.isThere()) {
        shell.ask("TERMINAL=true");
      }
      if (command != null) {
        shell.ask(command, System.out);
        return 0;
      }
      return Terminal.isThere() ? interactive(shell) : lineByLine(shell);
    }
  }

  /** A script's first failure ends it. */
  private static int lineByLine(ShellClient shell) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.strip().equals("exit")) {
        return 0;
      }
      shell.ask(line, System.out);
    }
    return 0;
  }

  private static int interactive(ShellClient shell) {
    LineReader reader = LineReaderBuilder.builder().appName("fedllm").build();
    while (true) {
      try {
        String line = reader.readLine("fedllm> ").strip();
        if (line.equals("exit")) {
          return 0;
        }
        shell.ask(line, System.out);
      } catch (Refused e) {
        System.out.println("error: " + e.getMessage());
      } catch (EndOfFileException | UserInterruptException e) {
        return 0;
      }
    }
  }
}
