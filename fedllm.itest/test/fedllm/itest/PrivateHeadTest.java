package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.tensor.Tensors;
import fedllm.learning.train.PrivateTensors;
import fedllm.trainers.fedper.FedPer;
import fedllm.trainers.fedrep.FedRep;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A head that stays at its client: in no record that a silo writes are its names or its values. */
@Timeout(300)
class PrivateHeadTest {

  private static final String HEAD = "layers.3";

  private static final String JOB =
      """
      federation: test
      base: model
      data: good
      peft: { name: lora, rank: 2 }
      trainer: %s
      strategy: fedavg
      protocol: { name: synchronous, rounds: 2 }
      evaluate: [ { name: perplexity, sequence: 48 } ]
      """;

  /** Values side by side that nothing else has by chance. */
  private static final int RUN = 4;

  @TempDir private Path folder;

  private static String adamw(double rate) {
    return "{ name: adamw, steps: 4, batch: 2, sequence: 48, learningRate: " + rate + " }";
  }

  private static String headed(String name, double rate) {
    return "{ name: " + name + ", head: [ " + HEAD + " ], of: " + adamw(rate) + " }";
  }

  /** What came of a job: the run, what silos wrote, where their state lies. */
  private record Trial(RunView run, List<String> overheard, Path states) {

    boolean overheard(String text) {
      return overheard.stream().anyMatch(record -> record.contains(text));
    }

    /** A silo's head after a round. */
    Tensors head(String silo) throws IOException {
      Path file = states.resolve(silo + "/state/runs/" + run.id() + "/2.state");
      try (DataInputStream in =
          new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
        assertEquals(1, in.readInt());
        assertEquals("trainer", in.readUTF());
        assertTrue(in.readInt() > 0);
        PrivateTensors own = new PrivateTensors(null);
        own.restore(in);
        return own.values().orElseThrow();
      }
    }

    /** How many runs of a head's values stand in what silos wrote, as a file of floats has them. */
    long leaks(Tensors head) {
      return runs(head).stream().filter(this::overheard).count();
    }
  }

  private static Set<String> runs(Tensors head) {
    Set<String> runs = new HashSet<>();
    for (int t = 0; t < head.schema().tensors().size(); t++) {
      float[] values = head.values(t);
      for (int i = 0; i + RUN <= values.length; i += 8 * RUN) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * RUN).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values, i, RUN);
        if (!Arrays.equals(bytes.array(), new byte[4 * RUN])) {
          runs.add(new String(bytes.array(), StandardCharsets.ISO_8859_1));
        }
      }
    }
    assertTrue(runs.size() > 10, "the head is nearly zero");
    return runs;
  }

  private Trial trial(String name, String trainer) throws Exception {
    Path place = folder.resolve(name);
    Planted planted = new Planted(place.resolve("texts"));
    try (PlainFederation federation =
        new PlainFederation(place, true, new FedPer(), new FedRep())) {
      for (String silo : Planted.SILOS) {
        federation.silo(silo, planted.yaml(silo));
      }
      federation.awaitSilos(Planted.SILOS.size());
      RunView run = federation.outcome(JOB.formatted(trainer));
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      for (RoundView round : run.rounds().subList(1, 3)) {
        assertEquals(List.of("north", "south"), round.members(), round.absent().toString());
        assertEquals(Set.of("north", "south"), round.metrics().keySet());
      }
      return new Trial(run, new ArrayList<>(federation.overheard()), place);
    }
  }

  @Test
  void ofFedRepAndFedPerNothingIsHeard() throws Exception {
    for (String name : List.of("fedrep", "fedper")) {
      Trial trial = trial(name, headed(name, 1e-2));
      assertTrue(trial.overheard("layers.2.self_attn.q_proj.lora_A"), "the body is not heard");
      assertFalse(trial.overheard("layers.3.self_attn"), name + " names its head");
      Tensors north = trial.head("north");
      Tensors south = trial.head("south");
      assertEquals(0, trial.leaks(north) + trial.leaks(south), name);
      assertFalse(Arrays.equals(north.values(0), south.values(0)), "both heads are the same");
    }
  }

  /** The head that has not moved is the first state's, which a trainer without a head sends. */
  @Test
  void theSameSearchHearsTheHeadOfATrainerThatHasNone() throws Exception {
    Tensors first = trial("still", headed("fedper", 1e-30)).head("north");
    Trial plain = trial("plain", adamw(1e-2));
    assertTrue(plain.overheard("layers.3.self_attn"), "the search is deaf");
    assertTrue(plain.leaks(first) > 10, "the search is deaf to values");
  }
}
