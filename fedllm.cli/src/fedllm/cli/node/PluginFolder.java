package fedllm.cli.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A folder that nodes watch for plugins; whoever owns it drops and deletes jars while they run. */
public final class PluginFolder {

  private PluginFolder() {}

  /** Makes a folder with the plugins of the house; one that is there keeps what it holds. */
  public static Path filled(Path folder, Workspace workspace) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> there = Files.list(folder)) {
      if (there.findAny().isPresent()) {
        return folder;
      }
    }
    for (Path file : workspace.plugins()) {
      PluginJar jar = PluginJar.read(file);
      if (jar != null) {
        jar.copyInto(folder);
      }
    }
    return folder;
  }
}
