package fedllm.learning.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static final BitSet NOTHING = new BitSet();

  /** Few different values, so that many are equal. */
  @Provide
  Arbitrary<float[]> logits() {
    return Arbitraries.integers()
        .between(-20, 20)
        .map(i -> i / 4f)
        .list()
        .ofMinSize(1)
        .ofMaxSize(60)
        .map(
            list -> {
              float[] logits = new float[list.size()];
              for (int i = 0; i < logits.length; i++) {
                logits[i] = list.get(i);
              }
              return logits;
            });
  }

  @Property
  void keepsWhatTheDefinitionsKeep(
      @ForAll("logits") float[] logits,
      @ForAll @IntRange(max = 70) int topK,
      @ForAll @DoubleRange(min = 0.01, max = 1) double topP,
      @ForAll @DoubleRange(min = 0.1, max = 4) double temperature) {
    Sampler sampler = new Sampler(new Sampling(temperature, topK, topP, 1, 7));
    int chosen = sampler.choose(logits.clone(), 0, logits.length, NOTHING, sampler.stream(0), 0);
    assertTrue(sampler.kept().get(chosen));
    BitSet fewest = byDefinition(logits, topK, topP - 1e-12, temperature);
    BitSet most = byDefinition(logits, topK, topP + 1e-12, temperature);
    BitSet kept = sampler.kept();
    assertTrue(kept.equals(fewest) || kept.equals(most), kept + " is not " + fewest);
  }

  private static BitSet byDefinition(float[] logits, int topK, double topP, double temperature) {
    List<Integer> sorted =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> -logits[i]).thenComparing(i -> i))
            .limit(topK == 0 ? logits.length : topK)
            .toList();
    double[] weights =
        sorted.stream().mapToDouble(i -> Math.exp(logits[i] / temperature)).toArray();
    double wanted = topP * Arrays.stream(weights).sum();
    BitSet kept = new BitSet();
    double sum = 0;
    for (int i = 0; i < weights.length && (i == 0 || sum < wanted); i++) {
      kept.set(sorted.get(i));
      sum += weights[i];
    }
    return kept;
  }

  @Property(tries = 20)
  void comesAsOftenAsTheModelSays(@ForAll @IntRange(max = 1000) int seed) {
    float[] logits = {1, 0, 2, -1, 0.5f, 2, -30, 1.5f};
    double temperature = 0.8;
    Sampler sampler = new Sampler(new Sampling(temperature, 6, 0.95, 1, seed));
    int draws = 20_000;
    int[] counts = new int[logits.length];
    Philox random = sampler.stream(3);
    for (int i = 0; i < draws; i++) {
      counts[sampler.choose(logits, 0, logits.length, NOTHING, random, i)]++;
    }
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      sum += sampler.kept().get(i) ? Math.exp(logits[i] / temperature) : 0;
    }
    double chiSquare = 0;
    for (int i = 0; i < logits.length; i++) {
      double expected = sampler.kept().get(i) ? draws * Math.exp(logits[i] / temperature) / sum : 0;
      assertEquals(expected == 0, counts[i] == 0);
      chiSquare += expected == 0 ? 0 : Math.pow(counts[i] - expected, 2) / expected;
    }
    assertTrue(chiSquare < 30, "5 degrees of freedom, " + chiSquare); // 1 in 70,000
  }

  @Property
  void choosesTheSameWhereverTheLogitsLieAndWhateverElseWasChosen(
      @ForAll("logits") float[] logits, @ForAll @IntRange(max = 30) int position) {
    Sampling sampling = new Sampling(1.2, 20, 0.9, 1.3, 11);
    BitSet had = new BitSet();
    had.set(0);
    Sampler alone = new Sampler(sampling);
    int expected = alone.choose(logits.clone(), 0, logits.length, had, alone.stream(5), position);
    Sampler shared = new Sampler(sampling);
    float[] others = new float[500];
    for (int i = 0; i < others.length; i++) {
      others[i] = (float) Math.sin(i);
    }
    shared.choose(others, 0, 500, NOTHING, shared.stream(4), position);
    System.arraycopy(logits, 0, others, 100, logits.length);
    assertEquals(
        expected, shared.choose(others, 100, logits.length, had, shared.stream(5), position));
  }

  @Test
  void takesTheFirstOfTheLikeliestWithoutTemperature() {
    Sampler sampler = new Sampler(Sampling.GREEDY);
    float[] logits = {0, 3, 1, 3};
    assertEquals(1, sampler.choose(logits, 0, 4, NOTHING, sampler.stream(0), 0));
  }

  @Test
  void makesLessLikelyWhatTheTextHasAlready() {
    Sampler sampler = new Sampler(new Sampling(0, 0, 1, 2, 0));
    BitSet had = new BitSet();
    had.set(0);
    had.set(2);
    float[] logits = {3, 2, -1};
    assertEquals(1, sampler.choose(logits, 0, 3, had, sampler.stream(0), 0));
    assertEquals(1.5f, logits[0]);
    assertEquals(-2, logits[2]);
  }

  @Test
  void givesEachSequenceItsOwnNumbers() {
    Sampler sampler = new Sampler(new Sampling(1, 0, 1, 1, 0));
    float[] flat = new float[1 << 16];
    int[] first = new int[8];
    int[] second = new int[8];
    for (int i = 0; i < 8; i++) {
      first[i] = sampler.choose(flat, 0, flat.length, NOTHING, sampler.stream(0), i);
      second[i] = sampler.choose(flat, 0, flat.length, NOTHING, sampler.stream(1), i);
    }
    assertEquals(
        16, IntStream.concat(Arrays.stream(first), Arrays.stream(second)).distinct().count());
  }

  @Test
  void refusesLogitsThatAreNoNumbers() {
    Sampler sampler = new Sampler(Sampling.GREEDY);
    for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] logits = {0, odd, 1};
      assertThrows(
          SitsOut.class, () -> sampler.choose(logits, 0, 3, NOTHING, sampler.stream(0), 0));
    }
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThrows(Refused.class, () -> new Sampling(-1, 0, 1, 1, 0));
    assertThrows(Refused.class, () -> new Sampling(1, -1, 1, 1, 0));
    assertThrows(Refused.class, () -> new Sampling(1, 0, 0, 1, 0));
    assertThrows(Refused.class, () -> new Sampling(1, 0, 1, 0.5, 0));
    assertThrows(Refused.class, () -> new Sampling(Double.NaN, 0, 1, 1, 0));
  }
}
