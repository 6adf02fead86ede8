package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Silos that keep something to themselves are killed in mid-run, the server too: states and what
 * silos measure are those of a run that nothing happened to.
 */
@Timeout(600)
class PrivateStateEndToEndTest {

  private static final int ROUNDS = 4;

  private static final String SCAFFOLD =
      """
      trainer: { name: scaffold, of: { name: sgd, steps: 4, batch: 2, sequence: 48, momentum: 0.5, keepState: true } }
      strategy: { name: fedavg, weights: equal }
      optimizer: { name: scaffold }
      """;

  @TempDir private Path folder;

  private Job job(String plugins) throws IOException {
    Path job = folder.resolve("job.yaml");
    Files.writeString(
        job,
        """
        federation: itest
        base: ${FEDLLM_DEMO}/model
        peft: { name: lora, rank: 2 }
        %s
        protocol: { name: synchronous, rounds: %d, quorum: all }
        evaluate: [ { name: perplexity, sequence: 48, limit: 4 } ]
        silos:
          - { name: bank, data: "${FEDLLM_DEMO}/texts/bank.jsonl", template: question, heldOut: 0.1 }
          - { name: clinic, data: "${FEDLLM_DEMO}/texts/clinic.jsonl", template: question, heldOut: 0.1 }
        """
            .formatted(plugins, ROUNDS)
            .replace("${FEDLLM_DEMO}", Workspace.here().root().resolve("launch/demo").toString()));
    return Job.read(job, Variables.of(Map.of(), Workspace.here().root()));
  }

  @ParameterizedTest
  @ValueSource(strings = {SCAFFOLD})
  void whoeverIsKilledGoesOnToTheSameBytes(String plugins) throws Exception {
    try (ProcessFederation federation = new ProcessFederation(job(plugins), folder)) {
      federation.awaitAll();
      RunView undisturbed = end(federation, federation.submit());
      String run = federation.submit();
      federation.await(run, r -> r.rounds().size() > 1);
      federation.kill9("bank");
      federation.start("bank");
      federation.await(run, r -> r.rounds().size() > 2);
      federation.kill9("server");
      federation.kill9("clinic");
      federation.revive();
      RunView disturbed = end(federation, run);
      for (int round = 0; round <= ROUNDS; round++) {
        RoundView expected = undisturbed.rounds().get(round);
        RoundView found = disturbed.rounds().get(round);
        assertEquals(expected.sha256(), found.sha256(), "state of round " + round);
        assertEquals(expected.metrics(), found.metrics(), "measured in round " + round);
      }
    }
  }

  private static RunView end(ProcessFederation federation, String run) {
    for (int round = 1; round <= ROUNDS; round++) { // the patience is for one, not for all
      int reached = round;
      federation.await(run, r -> r.rounds().size() > reached);
    }
    RunView end = federation.await(run, r -> r.state().ended());
    assertEquals(RunState.COMPLETED, end.state(), end.says());
    for (RoundView round : end.rounds().subList(1, ROUNDS + 1)) {
      assertEquals(List.of("bank", "clinic"), round.members(), round.absent().toString());
    }
    assertNotEquals(end.rounds().get(1).sha256(), end.rounds().get(ROUNDS).sha256());
    return end;
  }
}
