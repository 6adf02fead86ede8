package fedllm.trainers.adamw;

import static fedllm.trainers.SmallClient.assertNear;
import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.norm;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Training;
import fedllm.trainers.SmallClient;
import fedllm.trainers.sgd.Sgd;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateStepsTest {

  private static final List<Example> TEXTS = SmallClient.examples("bank", 6, 9, 9);

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  @Test
  void isThePlainStepWhereTheBoundIsNotReached() {
    // Texts of equal length count equally in both means.
    assertNear(once(TEXTS, Map.of()), once(TEXTS, Map.of("clipEach", 1e6)), 1e-5);
    assertNear(
        once(TEXTS, Map.of()),
        once(TEXTS, Map.of("clipEach", 1e6, "checkpoint", true, "accumulate", 4)),
        1e-5);
  }

  @Test
  void oneExampleMoreOrLessMovesTheSumByNoMoreThanTheBound() {
    double bound = 0.01;
    Map<String, Object> options = Map.of("clipEach", bound, "shuffle", false);
    Tensors six = once(TEXTS, options);
    Tensors five = once(TEXTS.subList(0, 5), options);
    // The learning rate is 1000 and the sum is over a batch of 6.
    double moved = norm(six.copy().minus(five)) * 6 / 1000;
    assertTrue(moved <= bound * (1 + 1e-4), moved + " is above " + bound);
    assertTrue(moved > bound * 0.99, moved + ": the bound was not reached");
  }

  @Test
  void addsTheSameNoiseEachTimeAsLargeAsAsked() {
    Map<String, Object> bounded = Map.of("clipEach", 0.01);
    Map<String, Object> noisy = Map.of("clipEach", 0.01, "noiseMultiplier", 5.0);
    Tensors plain = once(TEXTS, bounded);
    Tensors noise = once(TEXTS, noisy);
    assertSame(noise, once(TEXTS, noisy));
    double expected = 5 * 0.01 * 1000 / 6 * Math.sqrt((double) plain.schema().size());
    assertEquals(expected, norm(noise.copy().minus(plain)), 0.05 * expected);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThrows(SitsOut.class, () -> once(TEXTS, Map.of("noiseMultiplier", 1.0)));
    assertThrows(SitsOut.class, () -> once(TEXTS, Map.of("clipEach", 1.0, "pack", true)));
  }

  private Tensors once(List<Example> texts, Map<String, Object> changes) {
    Map<String, Object> values =
        new HashMap<>(Map.of("epochs", 1, "steps", 0, "batch", 6, "learningRate", 1e3));
    values.putAll(changes);
    try (Training client = small.open(Sgd::new, "bank", texts, List.of("*"), values)) {
      return train(client, 1).update();
    }
  }
}
