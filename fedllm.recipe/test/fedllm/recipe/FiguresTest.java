package fedllm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.cli.run.Comparison.Cell;
import fedllm.cli.run.Consumption;
import fedllm.cli.run.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {

  private static Outcome.Closed round(int number, Map<String, Map<String, Double>> metrics) {
    List<String> clients = number == 0 ? List.of("a") : List.of("a", "b");
    return new Outcome.Closed(
        number, clients, Map.of(), 1, 100, 50, 200, metrics, "hash" + number, List.of(), List.of());
  }

  private static Outcome outcome() {
    Outcome alone =
        new Outcome(
            "2",
            "",
            "",
            "",
            List.of(),
            List.of(),
            null,
            null,
            null,
            null,
            new Outcome.Seconds(0, 4),
            0,
            0,
            0,
            null);
    return new Outcome(
        "1",
        "job.yaml",
        "f",
        "",
        List.of(),
        List.of(
            round(0, Map.of("a", Map.of("loss", 4.0), "b", Map.of("loss", 6.0))),
            round(1, Map.of()),
            round(2, Map.of("a", Map.of("loss", 1.0), "b", Map.of("loss", 2.0)))),
        null,
        List.of(
            new Cell("alone: a", "a", "loss", 0.5),
            new Cell("alone: a", "b", "loss", 5.5),
            new Cell("alone: a", "mean", "loss", 3),
            new Cell("alone: b", "a", "loss", 7),
            new Cell("alone: b", "b", "loss", 1),
            new Cell("alone: b", "mean", "loss", 4),
            new Cell("pooled", "a", "loss", 1),
            new Cell("pooled", "mean", "loss", 1.25)),
        new Outcome.Exit(Outcome.COMPLETED, ""),
        Map.of("alone: a", alone),
        new Outcome.Seconds(9, 12),
        400,
        200,
        800,
        new Consumption(
            Map.of("server", 1.0, "a", 2.0), Map.of("server", 30L, "a", 10L, "b", 20L), 0, 10));
  }

  @Test
  void areMeansOverSilosAndSharesOfEachClientAndRound() {
    Figures figures = Figures.of(outcome());
    assertEquals("loss", figures.metric());
    assertEquals(1.5, figures.number("loss"));
    assertEquals(100, figures.number("bytesUp"));
    assertEquals(50, figures.number("bytesDown"));
    assertEquals(150, figures.number("bytes"));
    assertEquals(12, figures.number("seconds"));
    assertEquals(3, figures.number("cpuSeconds"));
    assertEquals(20, figures.number("siloPeakBytes"));
    assertEquals(30, figures.number("serverPeakBytes"));
    assertEquals(2, figures.number("rounds"));
    assertEquals(Arrays.asList(5.0, null, 1.5), figures.curve());
    assertEquals("hash2", figures.sha256());
  }

  @Test
  void thoseWhoLearnedAloneAreMeasuredOnTheirOwnTextsAndOnEverybodys() {
    Figures alone = Figures.of(outcome(), "alone");
    assertEquals(3.5, alone.number("loss"));
    assertEquals(0.75, alone.number("own"));
    assertEquals(4, alone.number("seconds"));
    Figures pooled = Figures.of(outcome(), "pooled");
    assertEquals(1.25, pooled.number("loss"));
    assertEquals(1.25, pooled.number("own"));
  }

  @Test
  void aNumberThatNobodyMeasuredIsRefusedByName() {
    String said =
        assertThrows(Refused.class, () -> Figures.of(outcome()).number("accuracy")).getMessage();
    assertTrue(said.startsWith("nobody measured accuracy; measured are [loss, "), said);
  }

  @Test
  void aClaimHoldsWithinItsBounds() {
    Claim claim = new Claim("bytes", "", "", "", "bytesUp", "fedit", 0.5, 0.1);
    assertTrue(claim.holds(0.3));
    assertFalse(claim.holds(0.5));
    assertFalse(claim.holds(0.1));
    assertFalse(claim.holds(Double.NaN));
    assertEquals("below 0.5 and above 0.1", claim.bounds());
    assertTrue(new Claim("bytes", "", "", "", "bytesUp", "fedit", null, null).holds(9));
  }
}
