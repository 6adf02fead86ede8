package fedllm.cli;

import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program {@code fedllm}. */
@Command(
    name = "fedllm",
    description = "Federated fine-tuning of large language models.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      ServerCommand.class,
      SiloCommand.class,
      ShellCommand.class,
      SubmitCommand.class,
      AclCommand.class,
      DataCommand.class,
      MergeCommand.class,
      MethodsCommand.class,
      KeysCommand.class,
      SignCommand.class,
      ApproveCommand.class,
      PublishCommand.class,
      ChatCommand.class,
      EvaluateCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
      RecipeCommand.class,
      CompareCommand.class,
      PretrainCommand.class
    },
    footer = {"", "fedllm build, test, format, resolve and clean work on the sources."})
public final class Main {

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error arose.")
  private boolean debug;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  static int execute(String... args) {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    leaveOut(line);
    line.setExecutionExceptionHandler(
        (thrown, command, parsed) -> {
          if (main.debug) {
            thrown.printStackTrace(command.getErr());
          }
          command.getErr().println("fedllm: " + message(thrown));
          return CommandLine.ExitCode.SOFTWARE;
        });
    return line.execute(args);
  }

  /** A distribution of one role has not all commands. */
  private static void leaveOut(CommandLine line) {
    if (System.getProperty("fedllm.workspace") == null) {
      return;
    }
    List<String> there = Workspace.here().commands();
    if (!there.isEmpty()) {
      List<String> others = new ArrayList<>(line.getSubcommands().keySet());
      others.removeAll(there);
      others.forEach(line.getCommandSpec()::removeSubcommand);
      line.getCommandSpec().usageMessage().footer(); // which speaks of the sources
      line.getSubcommands().values().forEach(c -> c.getCommandSpec().usageMessage().footer());
    }
  }

  /** The platform's own errors say all that is needed; of others the class says most. */
  public static String message(Throwable thrown) {
    if (thrown.getClass().getPackageName().equals("fedllm.api.error")) {
      return thrown.getMessage();
    }
    if (thrown instanceof UncheckedIOException wrapped) {
      return wrapped.getMessage() + ": " + message(wrapped.getCause());
    }
    if (thrown instanceof IOException) {
      return thrown.getClass().getSimpleName() + ": " + thrown.getMessage();
    }
    return thrown + " (an error of the program; --debug shows where)";
  }

  /** The version that the build gives to every bundle. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      return new String[] {"fedllm " + Workspace.here().version(), "Java ${java.version}"};
    }
  }
}
