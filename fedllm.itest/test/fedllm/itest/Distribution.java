package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.cli.node.Workspace;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Archives as {@code ./fedllm dist} makes them of what is built, and what is unpacked from them.
 */
final class Distribution {

  private final Path root = Workspace.here().root();
  private final Path folder;

  /** Makes archives without torch in a folder. */
  Distribution(Path folder) throws IOException, InterruptedException {
    this.folder = Files.createDirectories(folder);
    String libraries = Files.readString(root.resolve("cnf/cache/target.classpath")).strip();
    Said said =
        run(
            Map.of(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            root.resolve("cnf/cache/driver") + File.pathSeparator + libraries,
            "fedllm.build.Dist",
            root.toString(),
            "--no-torch",
            "--out",
            folder.toString());
    assertEquals(0, said.code, said.text);
  }

  /** What a program said, and how it ended. */
  record Said(int code, String text) {}

  /** Their hashes, one a line. */
  String sums() throws IOException {
    return Files.readString(folder.resolve("SHA256SUMS"));
  }

  /** Unpacks a role's archive; answers its folder. */
  Path unpack(String role) throws IOException, InterruptedException {
    String name = "fedllm-" + role + "-" + Workspace.here().version();
    Path archive = folder.resolve(name + ".tar.gz");
    Said said = run(Map.of(), "tar", "-xzf", archive.toString(), "-C", folder.toString());
    assertEquals(0, said.code, said.text);
    return folder.resolve(name);
  }

  /** Runs to the end, with the environment of nobody but what is given and a path. */
  static Said run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
    builder.environment().keySet().retainAll(List.of("PATH", "HOME"));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), text);
  }
}
