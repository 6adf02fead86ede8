package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the page says is what is shipped; {@code launch/trial/two-sites} runs its commands. */
class OperationsPageTest {

  private static final Path ROOT = Workspace.here().root();

  private static final Pattern BLOCK =
      Pattern.compile("(<!-- [^\n]*-->\n)?```(sh|yaml)\n(.*?)```", Pattern.DOTALL);

  private static String section() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/operations.md"));
    return page.substring(
        page.indexOf("## Two sites, from nothing"), page.indexOf("## Who may come in"));
  }

  private static List<MatchResult> blocks() throws IOException {
    return BLOCK.matcher(section()).results().toList();
  }

  @Test
  void everyCommandOfTheTwoSitesIsRunByTheTrialButThoseOfKubernetes() throws IOException {
    List<String> notRun =
        blocks().stream()
            .filter(block -> block.group(2).equals("sh") && block.group(1) == null)
            .map(block -> block.group(3))
            .toList();
    assertEquals(1, notRun.size(), notRun.toString());
    assertTrue(notRun.get(0).startsWith("kubectl get secret"), notRun.get(0));
    long hosts = blocks().stream().filter(b -> b.group(1) != null).count();
    assertTrue(hosts > 20, "only " + hosts + " blocks say where they are run");
  }

  @Test
  void theFilesOfThePageAreTheExamplesOfTheArchives() throws IOException {
    assertEquals(file("silo/conf/silo.yaml"), shown("/etc/fedllm/silo.yaml"));
    assertEquals(file("server/conf/job.yaml"), shown("/etc/fedllm/job.yaml"));
  }

  private static String file(String name) throws IOException {
    return Files.readString(ROOT.resolve("launch/dist").resolve(name));
  }

  private static String shown(String file) throws IOException {
    return blocks().stream()
        .filter(block -> String.valueOf(block.group(1)).contains("file: " + file))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no block is " + file))
        .group(3);
  }

  @Test
  void itsArchivesAreOfTheVersionThatTheBuildMakes() throws IOException {
    String version = Workspace.here().version();
    Pattern.compile("fedllm-(?:server|silo)-([0-9.]+[0-9])")
        .matcher(section())
        .results()
        .forEach(named -> assertEquals(version, named.group(1), named.group()));
  }
}
