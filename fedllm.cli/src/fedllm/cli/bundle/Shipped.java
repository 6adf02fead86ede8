package fedllm.cli.bundle;

import fedllm.cli.node.PluginJar;
import fedllm.cli.node.Workspace;
import fedllm.runtime.bundle.ApprovedList;
import fedllm.runtime.bundle.PluginBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** What the word {@code shipped} of an approved list stands for: this installation's plugins. */
public final class Shipped {

  private Shipped() {}

  /** Writes their hashes where a node looks for them. */
  public static void write(Path state, Workspace workspace) throws IOException {
    List<String> rules = new ArrayList<>();
    for (Path jar : workspace.plugins()) {
      if (PluginJar.read(jar) != null) {
        rules.add(ApprovedList.ruleFor(new PluginBundle(Files.readAllBytes(jar), null)));
      }
    }
    Path part = state.resolve(".plugins.shipped.part");
    Files.write(part, rules);
    Files.move(
        part,
        state.resolve("plugins.shipped"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
