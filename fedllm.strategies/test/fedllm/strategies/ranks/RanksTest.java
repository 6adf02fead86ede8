package fedllm.strategies.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Stateful;
import fedllm.strategies.everyone.Everyone;
import fedllm.testkit.PlannerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RanksTest implements PlannerContract {

  @Override
  public Planner planner() {
    return new Ranks();
  }

  @Override
  public Options options() {
    return options(Map.of("ranks", new int[] {4, 8, 16}));
  }

  private static Options options(Map<String, Object> values) {
    return TestOptions.of(Ranks.Config.class, values)
        .with("of", new Everyone(), TestOptions.none());
  }

  @Test
  void givesRanksInTurn() {
    assertEquals(
        Map.of("bank", 4, "hospital", 8, "school", 16, "software", 4),
        ranks(Map.of("ranks", new int[] {4, 8, 16}), present()));
  }

  @Test
  void givesNamesTheirRanksAndTheOthersTheirTurn() {
    Map<String, Object> values =
        Map.of("ranks", new int[] {2, 32}, "names", List.of("school", "bank"));
    assertEquals(
        Map.of("bank", 32, "hospital", 2, "school", 2, "software", 32), ranks(values, present()));
    assertEquals(Set.of("school", "bank"), open(values).names());
  }

  @Test
  void drawsHeavyTailsByNameWhoeverElseIsThere() {
    List<String> many = IntStream.range(0, 1000).mapToObj(i -> "silo-" + i).toList();
    for (String rule : List.of("light", "strong")) {
      Map<String, Object> values = Map.of("ranks", new int[] {4, 8, 16, 64}, "rule", rule);
      Map<String, Object> drawn = ranks(values, many);
      int heavy = rule.equals("light") ? 4 : 64;
      long share = drawn.values().stream().filter(rank -> rank.equals(heavy)).count();
      assertEquals(887, (double) share, 40, "85 % and a quarter of the others");
      assertEquals(drawn.get("silo-7"), ranks(values, List.of("silo-7")).get("silo-7"));
    }
  }

  @Test
  void givesTheSameRankToWhoMeasuresLast() {
    assertEquals(
        Map.of("rank", 4),
        open(Map.of("ranks", new int[] {4, 8})).last(present()).get(0).settings());
  }

  @Test
  void givesNoMoreThanAClientSaysIsEnoughAlsoAfterARestart() throws IOException {
    Map<String, Object> values = Map.of("ranks", new int[] {8});
    Planning planning = open(values);
    planning.learned(1, "bank", Map.of("rank", 5.0, "loss.last", 2.0));
    planning.learned(1, "school", Map.of("rank", 12.0));
    planning.learned(2, "bank", Map.of("rank", 7.0));
    planning.learned(2, "software", Map.of("rank", Double.NaN));
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    ((Stateful) planning).snapshot(new DataOutputStream(kept));
    Planning again = open(values);
    ((Stateful) again).restore(new DataInputStream(new ByteArrayInputStream(kept.toByteArray())));
    for (Planning each : List.of(planning, again)) {
      List<Object> ranks =
          each.plan(3, present()).stream().map(a -> a.settings().get("rank")).toList();
      assertEquals(List.of(5, 8, 8, 8), ranks);
    }
  }

  @Test
  void refusesATableThatDoesNotAddUp() {
    Refused few =
        assertThrows(
            Refused.class,
            () -> open(Map.of("ranks", new int[] {4}, "names", List.of("bank", "school"))));
    assertTrue(few.getMessage().contains("2 names and 1 ranks"), few.getMessage());
    assertThrows(
        Refused.class,
        () -> open(Map.of("ranks", new int[] {4, 8}, "names", List.of("bank", "bank"))));
    assertThrows(Refused.class, () -> open(Map.of("ranks", new int[0])));
  }

  private static Planning open(Map<String, Object> values) {
    return new Ranks().open(options(values), Samples.SCOPE);
  }

  private static Map<String, Object> ranks(Map<String, Object> values, List<String> present) {
    Map<String, Object> ranks = new HashMap<>();
    open(values).plan(3, present).forEach(a -> ranks.put(a.client(), a.settings().get("rank")));
    return ranks;
  }
}
