package fedllm.strategies.trimmedmean;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.strategies.Folding;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrimmedMeanTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new TrimmedMean();
  }

  private static Options share(double share) {
    return TestOptions.of(TrimmedMean.Config.class, Map.of("share", share));
  }

  @Test
  void dropsItsShareAtBothEnds() {
    float[][] updates = {{-100}, {1}, {2}, {6}, {7e30f}};
    assertArrayEquals(new float[] {3}, Folding.of(strategy(), share(0.2), updates));
    assertArrayEquals(new float[] {2}, Folding.of(strategy(), share(0.4), updates));
  }

  @Test
  void staysBetweenHonestValuesWhereNoMoreLieThanAreDropped() {
    float[][] updates = new float[8][2000];
    for (int i = 0; i < 6; i++) {
      updates[i] = Samples.normal(2000, i);
    }
    Arrays.fill(updates[6], 3e38f);
    Arrays.fill(updates[7], -1e20f);
    float[] found = Folding.of(strategy(), share(0.25), updates);
    for (int c = 0; c < found.length; c++) {
      float least = Float.MAX_VALUE;
      float most = -Float.MAX_VALUE;
      for (int i = 0; i < 6; i++) {
        least = Math.min(least, updates[i][c]);
        most = Math.max(most, updates[i][c]);
      }
      assertTrue(found[c] >= least && found[c] <= most);
    }
  }

  @Test
  void refusesToDropNobodyOrHalf() {
    Refused refused = assertThrows(Refused.class, () -> strategy().admit(share(0.1), 9));
    assertEquals(
        "trimmedmean: a share of 0.1 drops nobody of 9 members; it takes 10, or a larger share",
        refused.getMessage());
    strategy().admit(share(0.1), 10);
    strategy().admit(share(0.3), 10);
    assertThrows(IllegalArgumentException.class, () -> share(0.5));
  }
}
