package fedllm.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.run.PluginView;
import fedllm.cli.methods.Catalogue;
import fedllm.cli.methods.Compared;
import fedllm.cli.methods.MethodsPage;
import fedllm.cli.node.Workspace;
import fedllm.shell.Tables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "methods", description = "List every plugin that is built, with paper and options.")
final class MethodsCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "KIND",
      description = "Only those of this kind, with their options.")
  private String kind;

  @Option(names = "--json", paramLabel = "FILE", description = "Write them there for programs.")
  private Path json;

  @Option(names = "--markdown", description = "Print the page that is kept as docs/methods.md.")
  private boolean markdown;

  @Option(names = "--table", description = "Print the table that is kept in README.md.")
  private boolean table;

  @Override
  public Integer call() throws IOException {
    Workspace workspace = Workspace.here();
    List<PluginView> plugins =
        Catalogue.of(workspace.plugins(), workspace.platform()).stream()
            .filter(plugin -> kind == null || plugin.kind().equals(kind))
            .toList();
    if (json != null) {
      Files.write(
          json, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(plugins));
    }
    if (markdown) {
      String page = MethodsPage.markdown(plugins, Compared.kept(workspace.root()));
      System.out.writeBytes(page.getBytes(StandardCharsets.UTF_8));
    } else if (table) {
      System.out.writeBytes(MethodsPage.table(plugins).getBytes(StandardCharsets.UTF_8));
    } else {
      System.out.print(Tables.methods(plugins));
      if (kind != null) {
        System.out.print("\n" + Tables.options(plugins));
      }
    }
    return 0;
  }
}
