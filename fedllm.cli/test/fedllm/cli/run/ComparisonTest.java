package fedllm.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComparisonTest {

  private static final List<String> SILOS = List.of("bank", "school");

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
  void writesTheTableForPrograms(@TempDir Path folder) throws Exception {
    Outcome outcome = Outcome.of("job.yaml", "demo", federated, Map.of(), comparison(), 9.5, 20.25);
    Path file = folder.resolve("outcome.json");
    outcome.write(file);
    JsonNode json = new ObjectMapper().readTree(Files.readString(file));
    JsonNode cell = json.at("/table/8");
    assertEquals("federated", cell.get("row").asText());
    assertEquals("mean", cell.get("heldOut").asText());
    assertEquals("loss", cell.get("metric").asText());
    assertEquals(2.5, cell.get("value").asDouble());
    assertEquals(12, json.get("table").size());
    assertEquals(100, json.get("bytesUp").asLong(), "the initial state is no update");
    assertEquals("COMPLETED", json.at("/run/state").asText());
    assertEquals("updates took 100 B, 0.02 of the 5.0 kB that plain fp32 takes", outcome.traffic());
  }

  @Test
  void hasCompletedOnlyIfEveryRunHas() {
    RunView failed =
        new RunView("x", "job", RunState.FAILED, "why", "", 1, List.of(), List.of(), null, null);
    assertTrue(outcome(Map.of()).completed());
    assertEquals(false, outcome(Map.of("pooled", failed)).completed());
  }

  @Test
  void isEmptyWhereNothingWasMeasured() {
    RunView failed =
        new RunView("x", "job", RunState.FAILED, "why", "", 1, List.of(), List.of(), null, null);
    assertEquals(List.of(), Comparison.of(SILOS, failed, Map.of()).cells());
  }

  private Outcome outcome(Map<String, RunView> others) {
    return Outcome.of("job.yaml", "demo", federated, others, comparison(), 1, 1);
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
    return new RunView(id, "job", RunState.COMPLETED, "", "", 1, List.of(), closed, null, null);
  }
}
