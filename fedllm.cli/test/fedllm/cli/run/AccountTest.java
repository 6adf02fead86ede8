package fedllm.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Cancelled;
import fedllm.api.error.Ends;
import fedllm.api.error.Refused;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.run.UsedPlugin;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccountTest {

  private static final List<String> KEYS =
      List.of(
          "run",
          "job",
          "federation",
          "base",
          "plugins",
          "rounds",
          "final",
          "table",
          "exit",
          "others",
          "seconds",
          "bytesUp",
          "bytesDown",
          "bytesFp32",
          "cost");

  private static final List<UsedPlugin> PLUGINS =
      List.of(new UsedPlugin("strategy", "fedavg", "0.1.0"));

  @TempDir private Path folder;
  private Account account;

  @BeforeEach
  void readJob() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("job.yaml"),
            "federation: demo\nsilos: [ { name: bank }, { name: school } ]\n");
    account = new Account("job.yaml");
    account.read(Job.read(file, Variables.of(Map.of(), folder)));
    account.started(9.5);
  }

  @Test
  void writesWhatItPromises() throws IOException {
    RunView run = run("r-1", RunState.COMPLETED, "", losses(5, 4), losses(2, 3));
    account.saw(run, 20.25);
    Map<String, Double> cpuSeconds = Map.of("bank", 42.5, "gone", 1.0);
    Consumption end = new Consumption(Map.of("bank", 72.5), Map.of("bank", 1000L), 725, 10);
    account.took(end.since(new Consumption(cpuSeconds, Map.of(), 435, 10)));
    account.kept(run, new ResultView("/out/r-1/adapter", "abc"));
    account.saw("alone: bank", run("r-2", RunState.COMPLETED, "", Map.of(), losses(1, 4)), 3);
    JsonNode json = json();
    assertEquals(KEYS, keys(json));
    assertEquals("r-1", json.get("run").textValue());
    assertEquals("job.yaml", json.get("job").textValue());
    assertEquals("demo", json.get("federation").textValue());
    assertEquals("f00d", json.get("base").textValue());
    assertEquals(
        "{\"kind\":\"strategy\",\"name\":\"fedavg\",\"version\":\"0.1.0\"}",
        json.at("/plugins/0").toString());
    assertEquals(
        List.of(
            "number",
            "clients",
            "absent",
            "seconds",
            "bytesUp",
            "bytesDown",
            "bytesFp32",
            "metrics",
            "sha256",
            "plugins",
            "changes"),
        keys(json.at("/rounds/1")));
    assertEquals(5.0, json.at("/rounds/0/metrics/bank/loss").asDouble());
    assertEquals(
        "{\"adapter\":\"/out/r-1/adapter\",\"sha256\":\"abc\"}", json.get("final").toString());
    assertEquals(List.of("row", "heldOut", "metric", "value"), keys(json.at("/table/0")));
    assertEquals("{\"state\":\"COMPLETED\",\"reason\":\"\"}", json.get("exit").toString());
    assertEquals("{\"start\":9.5,\"run\":20.25}", json.get("seconds").toString());
    assertEquals(100, json.get("bytesUp").asLong(), "the initial state is no update");
    assertEquals(10, json.get("bytesDown").asLong());
    assertEquals(5000, json.get("bytesFp32").asLong());
    assertEquals(
        "{\"cpuSeconds\":{\"bank\":30.0},\"peakBytes\":{\"bank\":1000},"
            + "\"estimatedJoules\":300.0,\"wattsPerCore\":10.0}",
        json.get("cost").toString());
    List<String> less = new ArrayList<>(KEYS);
    less.removeAll(List.of("table", "others", "cost"));
    assertEquals(less, keys(json.at("/others/alone: bank")));
    assertEquals("r-2", json.at("/others/alone: bank/run").textValue());
    assertTrue(account.outcome().completed());
    assertEquals(
        "updates took 100 B, 0.02 of the 5.0 kB that plain fp32 takes",
        account.outcome().traffic());
  }

  @Test
  void hasTheSameKeysWhereTheJobWasRefused() throws IOException {
    account = new Account("job.yaml");
    account.thrown(new Refused("job.yaml:3: no"), "job.yaml:3: no");
    assertEquals(KEYS, keys(json()));
    assertEnded("REFUSED", "job.yaml:3: no");
    assertEquals("", json().get("run").textValue());
    assertTrue(json().get("final").isNull());
    assertEquals(0, json().get("rounds").size());
  }

  @Test
  void saysWhyARunDidNotComplete() throws IOException {
    account.saw(run("r-1", RunState.FAILED, "round 2 failed"), 1);
    assertEnded("FAILED", "round 2 failed");
    account.saw(run("r-1", RunState.CANCELLED, "cancelled"), 1);
    assertEnded("CANCELLED", "cancelled");
    account.saw(run("r-1", RunState.RUNNING, ""), 1);
    account.thrown(new Ends("the broker ended"), "the broker ended");
    assertEnded("FAILED", "the broker ended");
    account.thrown(new Cancelled("interrupted"), "interrupted");
    assertEnded("INTERRUPTED", "interrupted");
    assertEquals("r-1", json().get("run").textValue(), "what is known is written");
  }

  @Test
  void hasNotCompletedIfAComparisonFailed() throws IOException {
    account.saw(run("r-1", RunState.COMPLETED, ""), 1);
    account.saw("pooled", run("r-2", RunState.CANCELLED, "cancelled"), 1);
    assertTrue(account.outcome().completed(), "somebody did not want it any more");
    account.saw("pooled", run("r-2", RunState.FAILED, "no"), 1);
    assertEnded("FAILED", "pooled: no");
  }

  @Test
  void missesASiloFromTheRoundInWhichItsProcessEnded() throws IOException {
    account.saw(run("r-1", RunState.RUNNING, "", Map.of(), Map.of()), 1);
    account.ended("farm", "its process ended with code 137");
    account.saw(run("r-1", RunState.COMPLETED, "", Map.of(), Map.of(), Map.of()), 2);
    assertEquals("{}", json().at("/rounds/1/absent").toString());
    assertEquals(
        "{\"farm\":\"its process ended with code 137\"}", json().at("/rounds/2/absent").toString());
    assertTrue(account.outcome().completed(), "the others went on");
  }

  private void assertEnded(String state, String reason) throws IOException {
    assertEquals(state, json().at("/exit/state").textValue());
    assertEquals(reason, json().at("/exit/reason").textValue());
    assertFalse(account.outcome().completed());
  }

  private JsonNode json() throws IOException {
    Path file = folder.resolve("outcome.json");
    account.outcome().write(file);
    return new ObjectMapper().readTree(Files.readString(file));
  }

  private static List<String> keys(JsonNode node) {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private static Map<String, Map<String, Double>> losses(double bank, double school) {
    return Map.of("bank", Map.of("loss", bank), "school", Map.of("loss", school));
  }

  @SafeVarargs
  private static RunView run(
      String id, RunState state, String says, Map<String, Map<String, Double>>... rounds) {
    List<String> members = List.of("bank", "school");
    List<RoundView> closed = new ArrayList<>();
    for (Map<String, Map<String, Double>> metrics : rounds) {
      closed.add(
          new RoundView(
              closed.size(), members, Map.of(), 1, 100, 10, 5000, metrics, "", PLUGINS, List.of()));
    }
    return new RunView(id, "job.yaml", state, says, "f00d", 1, PLUGINS, closed, null, null);
  }
}
