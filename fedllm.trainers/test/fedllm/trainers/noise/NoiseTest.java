package fedllm.trainers.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Data;
import fedllm.api.error.Cancelled;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.testkit.TestOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NoiseTest {

  @Test
  void startsFromZerosOfAsManyBytesAsAsked() {
    Tensors start = open("bank", 1_000_002, 3).initial().tensors();
    assertEquals(1_000_000, 4 * start.schema().size());
    assertEquals(3, start.schema().tensors().size());
    for (int t = 0; t < 3; t++) {
      assertArrayEquals(new float[start.values(t).length], start.values(t));
    }
  }

  @Test
  void itsUpdateIsSmallCenteredAndHardlyEverRepeats() {
    Learned learned = learn(open("bank", 400_000, 1));
    float[] values = learned.update().values(0);
    Set<Float> different = new HashSet<>();
    double sum = 0;
    for (float value : values) {
      assertTrue(Math.abs(value) <= 0.01, "a value of " + value);
      different.add(value);
      sum += value;
    }
    assertTrue(different.size() > 0.99 * values.length, different.size() + " different values");
    assertEquals(0, sum / values.length, 1e-4);
    assertEquals(1, learned.examples());
  }

  @Test
  void theSameClientMakesTheSameNoiseAndAnotherMakesOther() {
    float[] values = learn(open("bank", 4096, 1)).update().values(0);
    assertArrayEquals(values, learn(open("bank", 4096, 1)).update().values(0));
    assertFalse(Arrays.equals(values, learn(open("school", 4096, 1)).update().values(0)));
  }

  @Test
  void tensorsOfAClientDiffer() {
    Tensors update = learn(open("bank", 8192, 2)).update();
    assertFalse(Arrays.equals(update.values(0), update.values(1)));
  }

  @Test
  void whoIsSlowEndsWhenItsWorkIsNoLongerWanted() {
    Map<String, Object> values = Map.of("slow", List.of("bank"), "seconds", 86_400);
    Work given =
        new Work(
            1,
            Map.of(),
            (what, done, of) -> {
              assertEquals(86_400_000, of);
              if (done > 0) {
                throw new Cancelled("another round began");
              }
            });
    Training bank = open("bank", values);
    assertThrows(Cancelled.class, () -> bank.train(given, bank.initial().tensors()));
    Training school = open("school", values);
    assertEquals(1, school.train(given, school.initial().tensors()).examples());
  }

  @Test
  void refusesTensorsWithoutANumber() {
    String said = assertThrows(SitsOut.class, () -> open("bank", 8, 3)).getMessage();
    assertTrue(said.contains("bytes=8") && said.contains("tensors=3"), said);
  }

  private static Learned learn(Training training) {
    return training.train(
        new Work(1, Map.of(), (what, done, of) -> {}), training.initial().tensors());
  }

  private static Training open(String client, long bytes, int tensors) {
    return open(client, Map.of("bytes", bytes, "tensors", tensors));
  }

  private static Training open(String client, Map<String, Object> values) {
    return new Noise()
        .open(TestOptions.of(Noise.Config.class, values), new Bare(new Scope("run", client, 7)));
  }

  /** A silo that has nothing. */
  private record Bare(Scope scope) implements Site {
    @Override
    public Path base() {
      throw new AssertionError("noise needs no base");
    }

    @Override
    public Data data() {
      throw new AssertionError("noise needs no data");
    }

    @Override
    public <K> Choice<K> choice(String key, Class<K> contract) {
      throw new AssertionError("noise needs no other plugin");
    }
  }
}
