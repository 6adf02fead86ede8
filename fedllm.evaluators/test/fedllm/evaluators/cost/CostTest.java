package fedllm.evaluators.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.evaluators.SmallLlama;
import fedllm.evaluators.StorySilo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostTest {

  @TempDir Path folder;

  @Test
  void estimatesJoulesByTheCpuSecondsOfWhatItReads() throws IOException {
    StorySilo silo = SmallLlama.silo(folder, List.of(new int[9], new int[21]));
    Map<String, Double> cost = silo.measure(new Cost(silo.bases()), Map.of("watts", 7));
    assertEquals(28, cost.get("costTokens"));
    assertEquals(7, cost.get("costWatts"));
    assertTrue(cost.get("costSeconds") > 0, cost.toString());
    assertEquals(7 * cost.get("costCpuSeconds"), cost.get("costJoules"));
    assertEquals(cost.get("costJoules") / 28 * 1000, cost.get("cost"), 1e-12);
    assertEquals(28 / cost.get("costSeconds"), cost.get("costTokensPerSecond"));
    // 23 x 16 of the embedding, 4 x 16 x 16 of attention, 3 x 16 x 24, and 3 norms, in 32 bits.
    assertEquals(4 * (368 + 1024 + 1152 + 48), cost.get("costWeightBytes"));
  }
}
