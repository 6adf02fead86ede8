package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.node.Workspace;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.peft.Adapters;
import fedllm.models.llama.Llama;
import fedllm.peft.full.Full;
import fedllm.peft.lora.Lora;
import fedllm.peft.prompt.Prompt;
import fedllm.strategies.halves.Halves;
import fedllm.strategies.population.Population;
import fedllm.trainers.fedbpt.FedBpt;
import fedllm.trainers.fedkseed.FedKSeed;
import fedllm.trainers.fwdllm.FwdLlm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Federations that ask no model for a gradient, and what they leave behind. */
@Timeout(240)
class WithoutGradientsTest {

  private static final Path MODEL = Workspace.here().root().resolve("launch/demo/model");

  @TempDir private Path folder;
  private int runs;
  private final Bases bases = new Bases(List.of(new Llama()));

  private RunView run(String job) throws Exception {
    try (PlainFederation federation =
        new PlainFederation(
            folder.resolve("federation-" + runs++),
            false,
            new FedKSeed(bases),
            new FwdLlm(bases),
            new Halves(),
            new fedllm.strategies.fwdllm.FwdLlm(),
            new FedBpt(bases),
            new Population(),
            new fedllm.strategies.fedbpt.FedBpt(),
            new Full(),
            new Prompt())) {
      for (String silo : List.of("bank", "clinic")) {
        Path texts = MODEL.resolveSibling("texts").resolve(silo + ".jsonl");
        federation.silo(
            silo,
            """
            bases:
              model: %s
            data:
              data:
                files:
                  - { path: %s, template: question, heldOut: 0.01 }
            """
                .formatted(MODEL, texts));
      }
      federation.awaitSilos(2);
      RunView run =
          federation.outcome(
              job
                  + """
                  base: model
                  protocol: { name: synchronous, rounds: 2 }
                  evaluate: [ { name: perplexity, sequence: 32, limit: 4 } ]
                  """);
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      assertEquals(3, run.rounds().size());
      for (RoundView round : run.rounds().subList(1, 3)) {
        assertEquals(List.of("bank", "clinic"), round.members(), round.absent().toString());
      }
      return run;
    }
  }

  private Adapters.Opened opened(RunView run) {
    Adapters adapters = new Adapters(List.of(new Lora(), new Full(), new Prompt()));
    try (Base base = bases.open(MODEL)) {
      return adapters.open(
          Path.of(run.result().adapter()), base.architecture(), bases.weights(MODEL, null));
    }
  }

  private static double loss(RunView run, int round) {
    return run.rounds().get(round).metrics().get("bank").get("loss");
  }

  @Test
  void aWholeModelTravelsAsSomeNumbers() throws Exception {
    RunView run =
        run(
            """
            peft: { name: full }
            trainer: { name: fedkseed, steps: 4, batch: 2, sequence: 32, seeds: 4096,
              directions: sign, learningRate: 1e-5 }
            strategy: fedavg
            optimizer: add
            codecs: { up: [ zstd ], down: [ zstd ] }
            """);
    RoundView last = run.rounds().get(2);
    assertTrue((last.bytesUp() + last.bytesDown()) / 2 < 18_000, last.toString());
    assertEquals(2 * 4 * 4096, last.bytesFp32());
    assertNotEquals(loss(run, 0), loss(run, 2), "measured is the model that was replayed");
    assertTrue(opened(run).values().schema().size() > 100_000, "the adapter is the model");
  }

  @Test
  void aStateThatMayNotMoveStaysToTheByte() throws Exception {
    String job =
        """
        peft: { name: lora, rank: 2 }
        trainer: { name: fwdllm, steps: 2, batch: 2, sequence: 32 }
        strategy: halves
        optimizer: { name: fwdllm, threshold: %s }
        """;
    RunView waits = run(job.formatted("0"));
    assertEquals(waits.rounds().get(0).sha256(), waits.rounds().get(2).sha256());
    assertEquals(loss(waits, 0), loss(waits, 2));
    RunView goes = run(job.formatted("1e30"));
    assertNotEquals(goes.rounds().get(0).sha256(), goes.rounds().get(1).sha256());
    assertNotEquals(goes.rounds().get(1).sha256(), goes.rounds().get(2).sha256());
  }

  @Test
  void aPromptIsFoundBySolutionsAndLosses() throws Exception {
    RunView run =
        run(
            """
            peft: { name: prompt, tokens: 4 }
            trainer: { name: fedbpt, steps: 2, batch: 2, sequence: 32, dimension: 8, population: 4 }
            strategy: population
            optimizer: fedbpt
            """);
    assertEquals(2 * 4 * (4 * 8 + 4 + 2), run.rounds().get(2).bytesFp32(), "solutions and losses");
    assertNotEquals(loss(run, 0), loss(run, 2), "measured is the search's mean");
    assertEquals(1, opened(run).values().schema().tensors().size(), "the prompt alone");
  }
}
