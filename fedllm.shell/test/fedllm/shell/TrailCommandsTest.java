package fedllm.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrailCommandsTest {

  /** No session, as of a program that calls by itself. */
  private static final CommandSession NOBODY = null;

  private final FakeFederation federation = new FakeFederation();
  private final TrailCommands commands = new TrailCommands("server server", federation);

  @Test
  void publishesAJarWithTheSignatureThatLiesBesideIt(@TempDir Path folder) throws Exception {
    Path jar = Files.write(folder.resolve("krum.jar"), new byte[9]);
    commands.publish(NOBODY, jar.toString());
    Files.writeString(folder.resolve("krum.jar.sig"), "ed25519 K S\n");
    String shown = commands.publish(NOBODY, jar.toString());
    assertEquals(
        List.of("publish 9 bytes, signed ", "publish 9 bytes, signed ed25519 K S"),
        federation.calls);
    for (String part : List.of("acme.krum 1.2.0", "bank", "refused: nobody signed it", "MCow")) {
      assertTrue(shown.contains(part), shown);
    }
    String gone = folder.resolve("gone.jar").toString();
    String message = assertThrows(Refused.class, () -> commands.publish(NOBODY, gone)).getMessage();
    assertTrue(message.contains(gone), message);
  }

  @Test
  void withdrawsByNameAndVersion() {
    assertTrue(commands.withdraw(NOBODY, "acme.krum", "1.2.0").contains("withdrawn"));
    assertEquals(List.of("withdraw acme.krum 1.2.0"), federation.calls);
    assertThrows(Refused.class, () -> commands.withdraw(NOBODY, "acme.krum"));
  }

  @Test
  void listsDeedsAndRefusalsAllOrOfOneRun() {
    assertTrue(commands.audit(NOBODY).contains("acme.krum 1.2.0"));
    assertTrue(commands.audit(NOBODY, "last").contains("lee"));
    assertFalse(commands.audit(NOBODY, "last").contains("kim"));
    assertTrue(commands.quarantine(NOBODY).contains("fedllm.demo.silo.bank@7"));
    assertTrue(commands.quarantine(NOBODY, "demo").contains("a NaN"));
    assertFalse(commands.quarantine(NOBODY, "demo").contains("no record"));
  }

  @Test
  void answersProgramsInOneLineOfJson() throws Exception {
    for (String answer :
        List.of(
            commands.publish(NOBODY, "--json"),
            commands.withdraw(NOBODY, "--json", "acme.krum", "1.2.0"),
            commands.audit(NOBODY, "--json"),
            commands.quarantine(NOBODY, "--json"))) {
      assertEquals(1, answer.lines().count(), answer);
      assertTrue(new ObjectMapper().readTree(answer).isArray(), answer);
    }
  }
}
