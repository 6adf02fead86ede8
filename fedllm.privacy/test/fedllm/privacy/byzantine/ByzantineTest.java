package fedllm.privacy.byzantine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import fedllm.api.guard.Guard;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.Options;
import fedllm.testkit.GuardContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ByzantineTest implements GuardContract {

  private static final float[] LEARNED = {1, -2, 0.5f};

  @Override
  public Guard guard() {
    return new Byzantine();
  }

  @Override
  public Options options() {
    return options("random", 2);
  }

  private static Options options(String lie, double scale) {
    String[] liars = {Samples.SCOPE.client(), "mallory"};
    return TestOptions.of(
        Byzantine.Config.class, Map.of("clients", liars, "lie", lie, "scale", scale));
  }

  private float[] sent(String client, int round, String lie, double scale) {
    Watch watch = guard().open(options(lie, scale), Samples.SCOPE);
    watch.begin(new Passage(Point.SILO_OUT, client, round, Samples.SCHEMA));
    float[] values = LEARNED.clone();
    watch.pass(Samples.unit(values.length), values);
    return values;
  }

  @Test
  void whoIsNotNamedTellsTheTruth() {
    for (String lie : new String[] {"flip", "random", "zero"}) {
      assertArrayEquals(LEARNED, sent("alice", 1, lie, 10));
    }
  }

  @Test
  void aLiarSendsTheOppositeTimesTheScale() {
    assertArrayEquals(new float[] {-10, 20, -5}, sent("mallory", 1, "flip", 10));
  }

  @Test
  void aLiarSendsNothing() {
    assertArrayEquals(new float[3], sent("mallory", 1, "zero", 1));
  }

  @Test
  void aLiarSendsNoiseThatHasNothingOfWhatWasLearnedAndDiffersByRound() {
    float[] sent = sent("mallory", 1, "random", 1);
    float[] doubled = sent("mallory", 1, "random", 2);
    for (int i = 0; i < sent.length; i++) {
      assertEquals(2 * sent[i], doubled[i], 1e-6);
    }
    assertFalse(Arrays.equals(sent, sent("mallory", 2, "random", 1)));
    assertFalse(Arrays.equals(sent, LEARNED));
  }
}
