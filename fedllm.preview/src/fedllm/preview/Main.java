package fedllm.preview;

import fedllm.cli.Standalone;
import fedllm.cli.data.DataOptions;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import fedllm.format.ModelFolder;
import fedllm.learning.text.Tokenizer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The program behind {@code fedllm data}, whose arguments it takes. */
@Command(name = "data")
public final class Main implements Callable<Integer> {

  /** Texts are in any language, whatever the terminal's is. */
  private static final PrintStream OUT =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  @Mixin private DataOptions options;

  /** Runs the program. */
  public static void main(String[] args) {
    Standalone.run(new Main(), args);
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = Workspace.here();
    Variables variables = Variables.of(System.getenv(), workspace.root());
    try (DataPlugins plugins = DataPlugins.open(workspace.plugins())) {
      Subject subject = subject(variables, plugins).only(options.only());
      Path folder = subject.base(options.base());
      if (folder == null) {
        OUT.println("no base is named, so tokens are not counted: say --base DIR\n");
        return show(subject, plugins, null);
      }
      try (Tokenizer tokenizer = Tokenizer.open(ModelFolder.open(folder))) {
        return show(subject, plugins, tokenizer);
      }
    }
  }

  private Subject subject(Variables variables, DataPlugins plugins) throws IOException {
    return options.isYaml()
        ? Subject.ofYaml(options.file(), options.job(), variables, plugins)
        : Subject.ofFile(options.options().entry(options.file()), options.job(), plugins);
  }

  private int show(Subject subject, DataPlugins plugins, Tokenizer tokenizer) {
    int sequence = options.sequence() == null ? subject.sequence() : options.sequence();
    Preview preview =
        new Preview(
            subject.views(),
            plugins,
            new Reader(tokenizer, sequence),
            OUT,
            Boolean.getBoolean("fedllm.terminal"));
    boolean fine = preview.print(options.examples(), options.label());
    if (tokenizer != null && options.examples() > 0) {
      OUT.println(
          "⟦ ⟧ marks answers; the loss is " + subject.loss() + ", " + means(subject.loss()));
    }
    return fine ? 0 : 1;
  }

  private static String means(String loss) {
    return loss.equals("answer") ? "so only they are learned" : "so prompts are learned, too";
  }
}
