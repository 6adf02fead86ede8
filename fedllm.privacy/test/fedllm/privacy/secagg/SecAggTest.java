package fedllm.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Ends;
import fedllm.api.error.Refused;
import fedllm.api.error.Repeats;
import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Training;
import fedllm.strategies.add.Add;
import fedllm.strategies.fedadam.FedAdam;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecAggTest {

  private static final Map<String, ?> RULE = Map.of("threshold", 6, "maxWeight", 100);
  private static final FixedPoint CODES = new FixedPoint(6, 16, 100, 1);

  /** The values of the largest tensor. */
  private static final int SIZE = 20_001;

  /** Of 255 degrees of freedom; noise is above it once in 10,000,000 times. */
  private static final double NOISE = 391;

  private final Stage stage = new Stage(10, new Add(), RULE);

  private static Set<String> silos(int... numbers) {
    Set<String> names = new TreeSet<>();
    for (int number : numbers) {
      names.add("silo-%02d".formatted(number));
    }
    return names;
  }

  private Set<String> allBut(Set<String> dropped) {
    Set<String> left = new TreeSet<>(stage.names());
    left.removeAll(dropped);
    return left;
  }

  /** What the plain sum of the same codes makes of a state, in the clear. */
  private static Tensors plain(Tensors before, Set<String> members, int aggregation) {
    long weights = members.stream().mapToLong(Stage::examples).sum();
    List<float[]> next = new ArrayList<>();
    for (int t = 0; t < Stage.LEARNED.tensors().size(); t++) {
      float[] values = before.values(Stage.LEARNED.tensors().get(t).name()).clone();
      long[] sums = new long[values.length];
      for (String name : members) {
        int[] codes = new int[values.length];
        CODES.encode(
            Stage.lesson(name, aggregation).values(t),
            Stage.examples(name),
            new Scope("test", name, 42).random(aggregation, t, "secagg"),
            codes);
        for (int i = 0; i < codes.length; i++) {
          sums[i] += Integer.toUnsignedLong(codes[i]);
        }
      }
      for (int i = 0; i < values.length; i++) {
        assertTrue(sums[i] < 1L << 32);
        values[i] += CODES.mean((int) sums[i], weights);
      }
      next.add(values);
    }
    return new Tensors(Stage.LEARNED, next);
  }

  private static void assertSame(Tensors expected, Tensors state) {
    for (int t = 0; t < Stage.LEARNED.tensors().size(); t++) {
      String name = Stage.LEARNED.tensors().get(t).name();
      assertArrayEquals(expected.values(t), state.values(name), name);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,0,0,0", "1,0,0,0", "0,2,0,0", "0,0,3,0", "0,0,0,4", "1,1,1,1", "0,1,3,0"})
  void theSumIsThePlainOneWhoeverDropsOutInWhichPhase(int first, int share, int mask, int unmask) {
    int[] drops = {first, share, mask, unmask};
    Set<String> gone = new TreeSet<>();
    Set<String> inTheSum = new TreeSet<>();
    int next = 1;
    for (int phase = 0; phase < 4; phase++) {
      for (int i = 0; i < drops[phase]; i++, next += 2) {
        gone.addAll(silos(next % 10));
      }
      stage.phase(gone);
      if (phase == 2) {
        inTheSum.addAll(stage.sent.keySet());
      }
    }
    assertEquals(10 - first - share - mask, inTheSum.size());
    assertSame(plain(new Tensors(Stage.LEARNED), inTheSum, 1), stage.state());
    float[] total = stage.state().values(Book.MODULE + ".total");
    assertEquals(inTheSum.stream().mapToInt(Stage::examples).sum(), total[0] + 65_536 * total[1]);
    assertEquals(Stage.LEARNED, Book.learned(stage.state().schema()));
  }

  @Test
  void whoDroppedOutIsBackInTheNextAggregationAsIfItHadNotLearned() throws IOException {
    Set<String> dropped = silos(4, 7);
    stage.phase(Set.of());
    stage.phase(Set.of());
    Training seven = stage.copy("silo-07");
    stage.phase(dropped);
    stage.phase(Set.of());
    assertEquals(dropped, stage.out.keySet());
    assertEquals(
        "it is not in the sum in this aggregation; it takes part in the next one",
        stage.out.get("silo-04"));
    Tensors first = plain(new Tensors(Stage.LEARNED), allBut(dropped), 1);
    assertSame(first, stage.state());
    stage.put("silo-07", seven); // its process ended, too
    for (int phase = 0; phase < 4; phase++) {
      stage.phase(Set.of());
      if (phase == 0) {
        assertEquals(1, stage.sent.get("silo-07").metrics().get("given"));
        assertEquals(1, stage.sent.get("silo-04").metrics().get("given"));
        assertEquals(2, stage.sent.get("silo-03").metrics().get("given"));
      }
    }
    assertSame(plain(first, stage.names(), 2), stage.state());
  }

  @Test
  void everyProcessMayEndBetweenPhasesAndTheOptimizerRemembers() throws IOException {
    Stage undisturbed = new Stage(10, new FedAdam(), RULE);
    Stage restarted = new Stage(10, new FedAdam(), RULE);
    for (int phase = 0; phase < 8; phase++) {
      Set<String> dropped = phase % 4 == 2 ? silos(2, 5, 8) : Set.of();
      undisturbed.phase(dropped);
      restarted.phase(dropped);
      restarted.restartAll();
    }
    for (int t = 0; t < Stage.LEARNED.tensors().size(); t++) {
      String name = Stage.LEARNED.tensors().get(t).name();
      assertArrayEquals(undisturbed.state().values(name), restarted.state().values(name), name);
    }
  }

  @Test
  void aPhaseThatIsRepeatedSendsTheSameBytes() throws IOException {
    stage.phase(Set.of());
    for (int phase = 1; phase < 4; phase++) {
      Training before = stage.copy("silo-03");
      stage.answer(Set.of());
      Tensors once = stage.sent("silo-03");
      Tensors again = stage.answer(before).update();
      for (int t = 0; t < once.schema().tensors().size(); t++) {
        assertArrayEquals(once.values(t), again.values(t));
      }
      stage.close();
    }
  }

  @Test
  void whatOneSiloSendsLooksLikeNoise() {
    stage.phase(Set.of());
    stage.phase(Set.of());
    stage.answer(Set.of());
    for (String silo : List.of("silo-00", "silo-05", "silo-09")) {
      float[] sent = stage.sent(silo).values("m.1.secagg.A");
      int[] codes = new int[SIZE];
      CODES.encode(Stage.lesson(silo, 1).values(2), 1, new Philox(3), codes);
      float[] open = new float[2 * SIZE];
      Whole.putRing(codes, open, 0);
      assertTrue(chiSquare(open, 0) > 10 * NOISE);
      for (int half = 0; half < 2; half++) {
        assertTrue(chiSquare(sent, half * SIZE) < NOISE, silo + " " + half);
      }
    }
  }

  /** The worse one of two statistics: of the low bytes and of the high bytes of 16 bits. */
  private static double chiSquare(float[] values, int from) {
    double worst = 0;
    for (int shift : new int[] {0, 8}) {
      int[] bins = new int[256];
      for (int i = 0; i < SIZE; i++) {
        bins[(int) values[from + i] >>> shift & 0xFF]++;
      }
      double expected = SIZE / 256.0;
      double sum = Arrays.stream(bins).mapToDouble(n -> (n - expected) * (n - expected)).sum();
      worst = Math.max(worst, sum / expected);
    }
    return worst;
  }

  @Test
  void anotherRunHasOtherMasksAndTheSameResult() {
    Stage other = new Stage(10, new Add(), RULE);
    for (int phase = 0; phase < 4; phase++) {
      stage.answer(Set.of());
      other.answer(Set.of());
      for (String silo : phase < 3 ? stage.names() : Set.<String>of()) {
        int t = phase == 2 ? 4 : stage.sent(silo).schema().tensors().size() - 1;
        assertNotEquals(
            Arrays.hashCode(stage.sent(silo).values(t)),
            Arrays.hashCode(other.sent(silo).values(t)));
      }
      stage.close();
      other.close();
    }
    assertSame(plain(new Tensors(Stage.LEARNED), stage.names(), 1), stage.state());
    assertSame(plain(new Tensors(Stage.LEARNED), stage.names(), 1), other.state());
  }

  @Test
  void fewerThanTheThresholdUnmaskNothing() {
    stage.phase(Set.of());
    stage.phase(Set.of());
    stage.phase(silos(0, 1));
    stage.answer(silos(2, 3, 4));
    assertEquals(5, stage.sent.size());
    assertEquals(
        "secagg: 5 silos are there, and it takes 6 to unmask (threshold)",
        assertThrows(Refused.class, stage::close).getMessage());
  }

  @Test
  void aThresholdOfHalfTheSilosIsRefusedByEachOfThem() {
    Stage loose = new Stage(10, new Add(), Map.of("threshold", 5));
    loose.phase(Set.of());
    loose.answer(Set.of());
    assertEquals(10, loose.out.size());
    assertEquals(
        "5 of 10 silos could unmask; secagg needs a threshold above a half",
        loose.out.get("silo-00"));
  }

  @Test
  void whoHasTooManyExamplesSitsOutBeforeItSharesAnything() {
    Stage narrow = new Stage(10, new Add(), Map.of("threshold", 6, "maxWeight", 60));
    narrow.phase(Set.of());
    narrow.answer(Set.of());
    narrow.out.forEach(
        (silo, why) ->
            assertEquals(
                "it learned from %d examples, and secagg takes 60 at most; raise maxWeight"
                    .formatted(Stage.examples(silo)),
                why));
    assertEquals(
        narrow.names().stream().filter(s -> Stage.examples(s) > 60).count(), narrow.out.size());
    assertTrue(narrow.out.size() > 0);
  }

  @Test
  void whoTellsSharesOfBothSecretsOfASiloEndsTheRun() {
    stage.phase(Set.of());
    stage.phase(Set.of());
    stage.phase(silos(4));
    stage.answer(Set.of());
    // A server that tells silo 9 that silo 4 is in the sum gets the other share from it.
    stage.sent("silo-09").values(1)[4] = Secrets.Kind.OWN_MASK.code;
    assertTrue(
        assertThrows(Ends.class, stage::close).getMessage().contains("both secrets of silo 4"));
  }

  @Test
  void aShareThatIsNotOneIsFoundOutByWhatWasPromised() {
    stage.phase(Set.of());
    stage.phase(Set.of());
    stage.phase(silos(4));
    stage.answer(Set.of());
    stage.sent("silo-00").values(2)[3 * Book.SHARE_VALUES] += 1;
    assertTrue(
        assertThrows(Repeats.class, stage::close)
            .getMessage()
            .startsWith("secagg: the shares of silo 3 give another secret than it promised"));
  }

  @Test
  void aRowThatASiloCannotHaveIsRefusedByName() {
    stage.phase(Set.of());
    stage.answer(Set.of());
    stage.sent("silo-06").values(0)[0] = 2;
    assertEquals(
        "secagg: silo-06 says that it is silo 2.0 of 10, which it cannot be",
        assertThrows(Repeats.class, stage::close).getMessage());
  }

  @Test
  void whoKnowsNoKeysOfThisAggregationSitsItOut() {
    stage.phase(Set.of());
    stage.put("silo-01", Stage.fresh("silo-01"));
    stage.answer(Set.of());
    assertEquals(
        Map.of("silo-01", "it has no keys of this aggregation, and takes part in the next one"),
        stage.out);
  }
}
