package fedllm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.run.Comparison.Cell;
import fedllm.cli.run.Consumption;
import fedllm.cli.run.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuelTest {

  @TempDir Path folder;

  private final List<String> runs = new ArrayList<>();
  private Recipes recipes;

  @BeforeEach
  void writeRecipes() throws IOException {
    recipes = new Recipes(folder);
    write("fedit", "alone");
    write("plain", "");
    write("robust", "attacked");
    write("attacked", "fedit");
    write("bold", "pooled");
  }

  private void write(String name, String against) throws IOException {
    Files.writeString(
        folder.resolve(name + ".yaml"),
        """
        title: A method
        paper: arXiv:0000.00000
        does: something
        claim: { kind: accuracy, says: a, published: b, setting: c, number: loss,%s below: 0.9 }
        job: { seed: 1 }
        """
            .formatted(against.isEmpty() ? "" : " against: " + against + ","));
  }

  private static Outcome outcome(double loss) {
    Outcome.Closed round =
        new Outcome.Closed(
            1,
            List.of("a"),
            Map.of(),
            1,
            1,
            1,
            1,
            Map.of("a", Map.of("loss", loss)),
            "",
            List.of(),
            List.of());
    return new Outcome(
        "1",
        "",
        "",
        "",
        List.of(),
        List.of(round),
        null,
        List.of(
            new Cell("federated", "mean", "loss", loss),
            new Cell("alone: a", "mean", "loss", 4),
            new Cell("pooled", "mean", "loss", 1)),
        new Outcome.Exit(Outcome.COMPLETED, ""),
        Map.of(),
        new Outcome.Seconds(0, 1),
        1,
        1,
        1,
        new Consumption(Map.of(), Map.of(), 0, 10));
  }

  private Duel fought(String name) throws InterruptedException {
    Duel duel = new Duel(recipes.named(name), recipes);
    duel.run(
        (recipe, seed, beside) -> {
          runs.add(recipe.name() + List.of(beside));
          return new Trial(
              recipe.name(), seed, outcome(recipe.name().equals("robust") ? 2 : 3), "");
        },
        trial -> {},
        42);
    return duel;
  }

  @Test
  void theBaselineIsItsOwnAndHasTheOthersBesideIt() throws InterruptedException {
    Duel duel = fought("fedit");
    assertEquals(List.of("fedit[alone, pooled]"), runs);
    assertEquals(Set.of("fedit", "alone", "pooled"), duel.figures().keySet());
    assertEquals(0.75, duel.verdict().ratio());
    assertTrue(duel.verdict().holds());
  }

  @Test
  void aRecipeIsMeasuredAgainstWhatItsClaimNames() throws InterruptedException {
    Verdict verdict = fought("robust").verdict();
    assertEquals(List.of("robust[]", "attacked[]"), runs);
    assertEquals(2.0 / 3, verdict.ratio(), 1e-12);
    assertTrue(verdict.holds());
  }

  @Test
  void aClaimThatDoesNotHoldSaysSo() throws InterruptedException {
    Verdict verdict = fought("attacked").verdict();
    assertFalse(verdict.holds());
    assertTrue(verdict.toString().contains("expected below 0.9: NO"), verdict.toString());
  }

  @Test
  void whoTrainsOnEverybodysTextsDoesSoBesideTheBaseline() throws InterruptedException {
    assertEquals(3, fought("bold").verdict().ratio());
    assertEquals(List.of("bold[]", "fedit[alone, pooled]"), runs);
  }

  @Test
  void aNumberThatStandsForItselfIsBoundedItself() throws InterruptedException {
    Verdict verdict = fought("plain").verdict();
    assertEquals(List.of("plain[]", "fedit[]"), runs);
    assertFalse(verdict.holds(), "3 is not below 0.9, though as much as FedIT's");
  }

  @Test
  void aRunThatFailsLeavesNoVerdictAndKeepsTheOther() throws InterruptedException {
    Duel duel = new Duel(recipes.named("robust"), recipes);
    duel.run(
        (recipe, seed, beside) ->
            new Trial(
                recipe.name(),
                seed,
                outcome(3),
                recipe.name().equals("robust") ? "the server ended" : ""),
        trial -> {},
        42);
    assertNull(duel.verdict());
    assertEquals(Set.of("attacked"), duel.figures().keySet());
  }
}
