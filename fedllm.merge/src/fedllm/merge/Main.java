package fedllm.merge;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.cli.Standalone;
import fedllm.cli.merge.MergeOptions;
import fedllm.cli.methods.PluginJars;
import fedllm.cli.node.Workspace;
import fedllm.format.ModelFolder;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Merge;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The program behind {@code fedllm merge}, whose arguments it takes. */
@Command(name = "merge")
public final class Main implements Callable<Integer> {

  @Mixin private MergeOptions options;

  /** Runs the program. */
  public static void main(String[] args) {
    Standalone.run(new Main(), args);
  }

  @Override
  public Integer call() throws IOException {
    try (PluginJars plugins = new PluginJars(Workspace.here().plugins())) {
      Path folder = options.model();
      Bases bases = new Bases(plugins.make(ModelFamily.class));
      Head head =
          options.adapter() == null
              ? null
              : Adapters.head(options.adapter(), asked -> bases.architecture(folder, asked))
                  .orElse(null);
      Architecture model = bases.architecture(folder, head);
      Adapters.Opened adapter =
          options.adapter() == null
              ? new Adapters.Opened(Adapter.NONE, new Tensors(new Schema(List.of())))
              : new Adapters(plugins.make(PeftMethod.class))
                  .open(options.adapter(), model, bases.weights(folder, head));
      ModelFolder written =
          new Merge(ModelFolder.open(folder), model, adapter, options.labels())
              .write(options.out(), options.dtype(), options.shard(), Main::show);
      report(written);
    }
    return 0;
  }

  private void report(ModelFolder written) throws IOException {
    long bytes = 0;
    for (Path file : written.weights()) {
      bytes += Files.size(file);
    }
    int files = written.weights().size();
    System.out.printf(
        Locale.ROOT,
        "%s: %d weight file%s, %.1f MB%n",
        options.out(),
        files,
        files == 1 ? "" : "s",
        bytes / 1e6);
  }

  private static void show(String what, long done, long of) {
    if (Boolean.getBoolean("fedllm.terminal")) {
      System.out.print("\r" + what + " " + done + " of " + of + (done == of ? "\r\033[K" : ""));
      System.out.flush();
    }
  }
}
