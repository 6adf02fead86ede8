package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.node.Workspace;
import fedllm.itest.Distribution.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class DistributionTest {

  private static final Map<String, String> JAVA =
      Map.of("JAVA_HOME", System.getProperty("java.home"));

  @TempDir private static Path folder;
  private static Distribution made;
  private static Path server;
  private static Path silo;

  @BeforeAll
  static void unpack() throws Exception {
    made = new Distribution(folder.resolve("one"));
    server = made.unpack("server");
    silo = made.unpack("silo");
  }

  @Test
  void theSameFilesGiveTheSameBytes() throws Exception {
    assertEquals(made.sums(), new Distribution(folder.resolve("two")).sums());
  }

  @Test
  void everyPluginIsInOneOfThemAndAServerHasNoEngine() throws IOException {
    Set<String> both = new TreeSet<>(names(server.resolve("plugins")));
    both.addAll(names(silo.resolve("plugins")));
    assertEquals(
        Workspace.here().plugins().stream()
            .map(jar -> jar.getFileName().toString())
            .collect(Collectors.toCollection(TreeSet::new)),
        both);
    assertTrue(names(server.resolve("lib")).stream().noneMatch(n -> n.contains("djl")));
    assertTrue(names(server.resolve("plugins")).stream().noneMatch(n -> n.contains("models")));
    assertTrue(names(silo.resolve("plugins")).stream().noneMatch(n -> n.contains("krum")));
  }

  @Test
  void nothingInThemNamesThisMachine() throws IOException {
    for (Path unpacked : List.of(server, silo)) {
      try (Stream<Path> files = Files.walk(unpacked)) {
        for (Path file : files.filter(f -> f.toString().matches(".*/[^/]*(?<!jar)")).toList()) {
          if (Files.isRegularFile(file)) {
            String text = Files.readString(file);
            assertTrue(!text.contains(Workspace.here().root().toString()), file.toString());
          }
        }
      }
    }
  }

  @Test
  void itsCommandsAreThoseOfItsRole() throws Exception {
    assertEquals(
        "fedllm " + Workspace.here().version(), say(server, "--version").text().split("\n", -1)[0]);
    assertTrue(say(server, "methods").text().contains("fedadam"));
    assertTrue(say(silo, "methods").text().contains("lora"));
    Said help = say(server, "--help");
    assertTrue(help.text().contains("publish") && !help.text().contains("demo"), help.text());
    Said foreign = say(server, "silo");
    assertNotEquals(0, foreign.code());
    assertTrue(foreign.text().contains("the archive of a server has no command silo"));
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    Said torch = say(silo, "silo");
    assertEquals(1, torch.code());
    assertTrue(torch.text().contains("there is no libtorch in " + silo + "/torch"), torch.text());
    Said java =
        Distribution.run(Map.of("JAVA_HOME", folder.toString()), program(server), "methods");
    assertEquals(1, java.code());
    assertTrue(java.text().contains("needs Java, 17 or later: there is no bin/java"), java.text());
  }

  private static Said say(Path unpacked, String... words) throws Exception {
    return Distribution.run(
        JAVA, Stream.concat(Stream.of(program(unpacked)), Stream.of(words)).toArray(String[]::new));
  }

  private static String program(Path unpacked) {
    return unpacked.resolve("bin/fedllm").toString();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
