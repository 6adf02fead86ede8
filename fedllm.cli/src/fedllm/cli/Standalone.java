package fedllm.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What programs that {@code ./fedllm} starts have in common: how they end. */
public final class Standalone {

  private Standalone() {}

  /** Runs a command to its end, and ends the process; what went wrong is one line. */
  public static void run(Callable<Integer> program, String[] args) {
    // The engine and the tokenizer's library would tell what they find on this machine.
    System.setProperty("org.slf4j.simpleLogger.log.ai.djl", "error");
    CommandLine line = new CommandLine(program);
    line.getCommandSpec().addOption(OptionSpec.builder("--debug").type(boolean.class).build());
    line.setExecutionExceptionHandler(
        (thrown, command, parsed) -> {
          if (parsed.hasMatchedOption("--debug")) {
            thrown.printStackTrace(command.getErr());
          }
          command.getErr().println("fedllm: " + Main.message(thrown));
          return CommandLine.ExitCode.SOFTWARE;
        });
    System.exit(line.execute(args));
  }
}
