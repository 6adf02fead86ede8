package fedllm.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.run.UsedPlugin;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTest {

  private static final List<String> SILOS = List.of("bank", "school");

  private static final List<UsedPlugin> USED =
      List.of(
          new UsedPlugin("strategy", "fedavg", "0.1.0"),
          new UsedPlugin("evaluator", "perplexity", "0.1.0"),
          new UsedPlugin("evaluator", "rouge-l", "0.1.0"));

  private final RunView federated = run("demo-1", losses(5, 4), losses(2, 3));

  @Test
  void putsBaseFirstAndPooledLast() {
    assertEquals(
        """
        LOSS (NATS/TOKEN)  bank   school  MEAN
        base               5.000  4.000   4.500
        alone: bank        1.000  4.500   2.750
        federated          2.000  3.000   2.500
        pooled             1.900  2.800   2.350
        """,
        comparison().toString());
  }

  @Test
  void hasATableForEachNumberThatAnEvaluatorOfTheJobIsCalledFor() {
    Map<String, Map<String, Double>> metrics =
        Map.of(
            "bank",
            Map.of("loss", 2.0, "perplexity", 7.389, "rougeL", 0.25, "rougeLExamples", 8.0),
            "school",
            Map.of("loss", 3.0, "perplexity", 20.086, "rougeL", 0.5, "rougeLExamples", 9.0));
    Comparison comparison =
        Comparison.of(SILOS, run("demo-1", metrics), Map.of("pooled", run("demo-2", metrics)));
    assertEquals(
        """
        LOSS (NATS/TOKEN)  bank   school  MEAN
        base               2.000  3.000   2.500
        federated          2.000  3.000   2.500
        pooled             2.000  3.000   2.500

        ROUGE-L    bank   school  MEAN
        base       0.250  0.500   0.375
        federated  0.250  0.500   0.375
        pooled     0.250  0.500   0.375
        """,
        comparison.toString());
    assertTrue(comparison.cells().contains(new Comparison.Cell("pooled", "mean", "rougeL", 0.375)));
  }

  @Test
  void leavesOutAMeanOfOnlySomeSilos() {
    RunView half = run("demo-2", losses(5, 4), Map.of("bank", Map.of("loss", 1.0)));
    Comparison comparison = Comparison.of(SILOS, half, Map.of());
    assertEquals(
        """
        LOSS (NATS/TOKEN)  bank   school  MEAN
        base               5.000  4.000   4.500
        federated          1.000
        """,
        comparison.toString());
    assertTrue(comparison.cells().contains(new Comparison.Cell("federated", "bank", "loss", 1.0)));
    assertEquals(4, comparison.cells().size());
  }

  @Test
  void isEmptyWhereNothingWasMeasured() {
    RunView failed =
        new RunView("x", "job", RunState.FAILED, "why", "", 1, List.of(), List.of(), null, null);
    assertEquals(List.of(), Comparison.of(SILOS, failed, Map.of()).cells());
  }

  private Comparison comparison() {
    Map<String, RunView> others = new LinkedHashMap<>();
    others.put("alone: bank", run("demo-3", losses(5, 4), losses(1, 4.5)));
    others.put("pooled", run("demo-4", losses(5, 4), losses(1.9, 2.8)));
    return Comparison.of(SILOS, federated, others);
  }

  private static Map<String, Map<String, Double>> losses(double bank, double school) {
    return Map.of("bank", Map.of("loss", bank), "school", Map.of("loss", school));
  }

  @SafeVarargs
  private static RunView run(String id, Map<String, Map<String, Double>>... rounds) {
    List<RoundView> closed = new java.util.ArrayList<>();
    for (Map<String, Map<String, Double>> metrics : rounds) {
      int number = closed.size();
      closed.add(
          new RoundView(
              number, SILOS, Map.of(), 1, 100, 10, 5000, metrics, "", List.of(), List.of()));
    }
    return new RunView(id, "job", RunState.COMPLETED, "", "", 1, USED, closed, null, null);
  }
}
