package fedllm.trainers.adamw;

import static fedllm.trainers.SmallClient.assertNear;
import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.trainers.SmallClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrozenLayersTest {

  private static final List<Example> TEXTS = SmallClient.examples("bank", 7, 3, 16);

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  @Test
  void givesTheSameBitsHoweverMuchIsKept() {
    List<Learned> little = twoRounds(1);
    List<Learned> some = twoRounds(5000);
    List<Learned> all = twoRounds(1 << 20);
    for (int round = 0; round < 2; round++) {
      Tensors expected = little.get(round).update();
      assertSame(expected, some.get(round).update());
      assertSame(expected, all.get(round).update());
      assertEquals(losses(little.get(round)), losses(all.get(round)));
    }
  }

  @Test
  void learnsWhatItLearnsWithoutACache() {
    assertNear(twoRounds(0).get(1).update(), twoRounds(1 << 20).get(1).update(), 1e-3);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Map<String, Object> packed = Map.of("cacheBytes", 1000, "pack", true);
    assertThrows(SitsOut.class, () -> small.open("bank", 4, packed).close());
  }

  private List<Learned> twoRounds(long bytes) {
    Map<String, Object> options =
        new HashMap<>(Map.of("epochs", 2, "steps", 0, "batch", 3, "cacheBytes", bytes));
    List<Learned> rounds = new ArrayList<>();
    List<String> upper = List.of("model.layers.1.*");
    try (Training client = small.open(AdamW::new, "bank", TEXTS, upper, options)) {
      rounds.add(train(client, 1));
      rounds.add(train(client, 2));
    }
    return rounds;
  }

  private static List<Double> losses(Learned learned) {
    return List.of(learned.metrics().get("loss.first"), learned.metrics().get("loss.last"));
  }
}
