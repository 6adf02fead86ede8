package fedllm.cli;

import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Properties;
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
    public String[] getVersion() throws IOException {
      Properties build = new Properties();
      try (var in = Files.newBufferedReader(Workspace.here().root().resolve("cnf/build.bnd"))) {
        build.load(in);
      }
      return new String[] {"fedllm " + build.getProperty("Bundle-Version"), "Java ${java.version}"};
    }
  }
}
