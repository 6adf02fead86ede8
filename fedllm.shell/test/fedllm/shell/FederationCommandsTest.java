package fedllm.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.run.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FederationCommandsTest {

  /** No session, as of a program that calls by itself. */
  private static final CommandSession NOBODY = null;

  private final FakeFederation federation = new FakeFederation();
  private final FederationCommands commands = new FederationCommands("server server", federation);

  @Test
  void listsRunsInColumnsThatLineUp() {
    federation.run = FakeFederation.run(RunState.PAUSED, 3);
    assertEquals(
        """
        RUN     STATE   ROUND  MEASURED    JOB       SAYS
        demo-1  PAUSED  3/10   loss 2.500  job.yaml  waits for a strategy fedavg
        """,
        commands.runs());
  }

  @Test
  void showsARunWithItsPluginsClientsAndRounds() {
    String shown = commands.run("demo");
    for (String part :
        List.of("RUNNING", "strategy fedavg 0.1.0", "step 12 of 20", "ROUND", "34.0 s left")) {
      assertTrue(shown.contains(part), part + " in " + shown);
    }
  }

  @Test
  void saysUnderTheRoundsWhoWasAbsentAndWhatChanged() {
    federation.run = FakeFederation.run(RunState.RUNNING, 2);
    assertEquals(
        """
        ROUND  MEMBERS      SECONDS  UP      AS FP32  DOWN    LOSS   SHA-256
        0                   1.50     1.5 MB  50.0 MB  2.0 MB  4.500  0123456789ab
        1      bank,school  1.50     1.5 MB  50.0 MB  2.0 MB  3.500  0123456789ab
        2      bank,school  1.50     1.5 MB  50.0 MB  2.0 MB  2.500  0123456789ab
        round 2: clinic absent: lacks codec topk 0.2.0
        round 2: strategy fedavg 0.1.0 -> 0.2.0
        """,
        commands.rounds("last"));
  }

  @Test
  void answersProgramsInOneLineOfJson() throws Exception {
    for (String answer :
        List.of(
            commands.runs("--json"),
            commands.run("--json", "last"),
            commands.rounds("last", "--json"),
            commands.silos("--json"),
            commands.methods("--json"))) {
      assertEquals(1, answer.lines().count(), answer);
      assertTrue(new ObjectMapper().readTree(answer).isContainerNode(), answer);
    }
    JsonNode run = new ObjectMapper().readTree(commands.run("last", "--json"));
    assertEquals("RUNNING", run.get("state").asText());
    assertEquals("step 12 of 20", run.at("/open/clients/bank").asText());
  }

  @Test
  void submitsTheFileUnderItsOwnName(@TempDir Path folder) throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "seed: 42\n");
    assertEquals("demo-1\n", commands.submit(NOBODY, job.toString()));
    assertEquals("{\"id\":\"demo-1\"}\n", commands.submit(NOBODY, "--json", job.toString()));
    assertEquals("submit job.yaml: seed: 42", federation.calls.get(0));
  }

  @Test
  void refusesAJobThatItCannotRead(@TempDir Path folder) {
    String gone = folder.resolve("gone.yaml").toString();
    String message = assertThrows(Refused.class, () -> commands.submit(NOBODY, gone)).getMessage();
    assertTrue(message.contains(gone), message);
  }

  @Test
  void changesARunByItsWholeIdWhateverWasTyped() {
    commands.pause(NOBODY, "demo");
    commands.resume(NOBODY, "last");
    assertTrue(commands.cancel(NOBODY, "d").contains("CANCELLED"));
    assertEquals(List.of("pause demo-1", "resume demo-1", "cancel demo-1"), federation.calls);
  }

  @Test
  void showsTheOptionsOfAKind() {
    assertTrue(commands.methods("codec").contains("above 0, at most 1"));
    String message = assertThrows(Refused.class, () -> commands.methods("codek")).getMessage();
    assertEquals("no plugin here is a codek; there are codec, strategy", message);
  }

  @Test
  void refusesWhatACommandDoesNotKnowAndSaysItsUsage() {
    String message = assertThrows(Refused.class, () -> commands.run("last", "--jsn")).getMessage();
    assertEquals("run knows no option --jsn; usage: run ID [--json]", message);
    message = assertThrows(Refused.class, commands::run).getMessage();
    assertEquals("run was given 0 arguments; usage: run ID [--json]", message);
  }

  @Test
  void helpsEvenWhereThereIsNoFederation() throws Exception {
    FederationCommands silo = new FederationCommands("silo bank", null);
    List<String> helps =
        Stream.of(silo.runs("-h"), silo.rounds("--help"), silo.watch(null, "-h")).toList();
    assertTrue(helps.get(0).startsWith("runs [--json]\n"), helps.get(0));
    assertTrue(helps.get(1).contains("the first characters of one"), helps.get(1));
    assertTrue(helps.get(2).startsWith("watch ID"), helps.get(2));
  }

  @Test
  void saysOnASiloWhichNodeItIsAndWhomToAsk() {
    FederationCommands silo = new FederationCommands("silo bank", null);
    String message = assertThrows(Refused.class, silo::silos).getMessage();
    assertTrue(message.contains("silo bank") && message.contains("server"), message);
  }

  @Test
  void saysOnAServerThatItHasNotStartedYet() {
    FederationCommands server = new FederationCommands("server server", null);
    String message = assertThrows(Refused.class, server::silos).getMessage();
    assertTrue(message.contains("leads nobody yet"), message);
  }
}
