package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.node.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./fedllm server} where no broker listens. */
@Timeout(90)
class NoBrokerTest {

  @TempDir private Path folder;

  @Test
  void aServerWithoutABrokerEndsAndSaysWhyOnce() throws Exception {
    Path out = folder.resolve("out.txt");
    Path kafka = folder.resolve("kafka.properties"); // so that the test need not wait half a minute
    Files.writeString(kafka, "default.api.timeout.ms=2000\nrequest.timeout.ms=1000\n");
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Files.readString(
                    Workspace.here().project("fedllm.cli").resolve("generated/classpath")),
                "-Dfedllm.workspace=" + Workspace.here().root(),
                "fedllm.cli.Main",
                "server",
                "--federation",
                "nobody",
                "--bootstrap",
                "localhost:1",
                "--kafka",
                kafka.toString(),
                "--state",
                folder.resolve("state").toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertTrue(server.waitFor(40, TimeUnit.SECONDS), "it does not end");
      String says = Files.readString(out);
      System.out.println(says);
      assertNotEquals(0, server.exitValue(), says);
      List<String> reasons = says.lines().filter(line -> line.contains("localhost:1")).toList();
      assertEquals(1, reasons.size(), says);
      assertTrue(reasons.get(0).contains("no broker answered at localhost:1"), says);
      assertTrue(reasons.get(0).contains("Check that it runs"), says);
    } finally {
      server.descendants().forEach(ProcessHandle::destroyForcibly);
      server.destroyForcibly();
    }
  }
}
