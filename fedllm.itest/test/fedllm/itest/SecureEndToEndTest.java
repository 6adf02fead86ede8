package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.job.Job;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Account;
import fedllm.cli.run.JobRun;
import fedllm.cli.run.Links;
import fedllm.cli.run.Outcome;
import fedllm.runtime.message.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs where the broker allows nobody anything but what the table of rights says. */
@Timeout(600)
class SecureEndToEndTest {

  private static final String WORD = "sesame-of-";

  @TempDir private Path folder;

  @Test
  void byMutualTlsARunCompletesAndNoKeyIsInALog() throws Exception {
    Account account = new Account("noise.yaml");
    Path work = Files.createDirectories(folder.resolve("work"));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      new JobRun(
              TinyJob.write(folder, 3, 1 << 16),
              Workspace.here(),
              account,
              out,
              false,
              new Links(null, true))
          .run(work, run -> folder.resolve("out"), (federation, run, say) -> {});
    }
    Outcome outcome = account.outcome();
    assertTrue(outcome.completed(), outcome.exit() + printed.toString(StandardCharsets.UTF_8));
    assertEquals(
        List.of("bank", "clinic", "school"), outcome.rounds().get(3).clients(), "all took part");
    assertNowhere(work, "PRIVATE KEY");
    assertFalse(printed.toString(StandardCharsets.UTF_8).contains("PRIVATE KEY"));
  }

  @Test
  void byPasswordARunCompletesAndNoPasswordIsInALogOrOnACommandLine() throws Exception {
    Job job = TinyJob.write(folder, 3, 1 << 16);
    Topics topics = new Topics(job.federation());
    try (SecureBroker secure = new SecureBroker(Files.createDirectories(folder.resolve("kafka")))) {
      secure.admit(topics, job.names());
      Map<String, String> passwords = new HashMap<>(Map.of("server", WORD + "server"));
      job.names().forEach(name -> passwords.put(name, WORD + name));
      secure.users(passwords);
      try (ProcessFederation federation = new ProcessFederation(job, folder, secure.broker())) {
        federation.start(
            node ->
                SecureBroker.write(
                    secure.known(node, passwords.get(node)), folder.resolve(node + ".properties")));
        federation.awaitAll();
        RunView run = federation.await(federation.submit(), r -> r.state().ended());
        assertEquals(RunState.COMPLETED, run.state(), run.says());
        assertEquals(job.names(), run.rounds().get(3).members());
        for (String node : passwords.keySet()) {
          assertFalse(federation.log(node).contains(WORD), "a password is in the log of " + node);
          String line = federation.process(node).info().commandLine().orElse("");
          assertTrue(line.contains(node + ".properties"), line);
          assertFalse(line.contains(WORD), line);
        }
        assertFalse(federation.ask("fedllm:run " + run.id() + " --json").contains(WORD));
      }
    }
  }

  private static void assertNowhere(Path work, String word) throws IOException {
    try (Stream<Path> files = Files.walk(work)) {
      for (Path log : files.filter(f -> f.toString().matches(".*\\.(log|out|json)")).toList()) {
        String text = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1);
        assertFalse(text.contains(word), word + " is in " + log);
      }
    }
  }
}
