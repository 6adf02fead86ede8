package fedllm.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.cli.evaluate.EvaluateOptions;
import fedllm.learning.base.Compute;
import fedllm.learning.base.Route;
import fedllm.learning.measure.Spent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReportTest {

  @TempDir Path folder;

  @Test
  void countsTokensByTheClockAndByCpuSecondsAndEstimatesJoulesFromTheLatter() throws Exception {
    Report report = new Report(options("--watts", "5"), cpu(), "int8");
    report.opened(1_500_000, 2);
    report.add(new Measured("perplexity", Map.of("loss", 1.25, "tokens", 8000.0), new Spent(4, 2)));
    report.add(new Measured("accuracy", Map.of("labels", 3.0), new Spent(1, 1)));
    Path file = folder.resolve("report.json");
    report.write(file, OptionalLong.of(300_000_000));
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    JsonNode cost = root.path("metrics").path("perplexity").path("cost");
    assertEquals(2000, cost.path("tokensPerSecond").asDouble());
    assertEquals(4000, cost.path("tokensPerCpuSecond").asDouble());
    assertEquals(10, cost.path("estimatedJoules").asDouble());
    assertEquals(1_500_000, root.path("weightBytes").asLong());
    assertTrue(root.at("/metrics/accuracy/cost/tokensPerSecond").isNull());
    String text = report.text(OptionalLong.of(300_000_000));
    assertTrue(text.contains("1.25000") && text.contains("8,000"), text);
    assertTrue(text.contains("weights 1.5 MB in memory as int8"), text);
    assertTrue(text.contains("times 5 W a core, not measured"), text);
    assertTrue(report.text(OptionalLong.empty()).contains("(unknown)"));
  }

  @Test
  void aTemplateMayBeWrittenOut() {
    EvaluateOptions named = options("--template", "question");
    assertEquals("question", named.entry().get("template"));
    assertEquals(Map.of(), named.templates());
    EvaluateOptions own = options("--template", "{ prompt: \"{q} \", answer: \"{a}\" }");
    assertEquals(Map.of("own", Map.of("prompt", "{q} ", "answer", "{a}")), own.templates());
    assertEquals("own", own.entry().get("template"));
  }

  @Test
  void optionsAreYaml() {
    EvaluateOptions options =
        options("--option", "labels=[A, B]", "--option", "batch=4", "--metric", "options,f1");
    assertEquals(Map.of("labels", List.of("A", "B"), "batch", 4), options.values());
    assertEquals(List.of("options", "f1"), options.metrics());
    assertFalse(options.heldOutOnly());
    assertThrows(Refused.class, () -> options("--option", "batch=").check());
    assertThrows(Refused.class, () -> options("--watts", "0").check());
  }

  @Test
  void thisProcessTakesTimeAndMemory() throws Exception {
    Spent start = Spent.now();
    Spent cost = Spent.now().since(start);
    assertTrue(cost.seconds() >= 0 && cost.cpuSeconds() >= 0);
    assertTrue(Spent.peakBytes().orElse(Long.MAX_VALUE) > 1 << 20);
  }

  private static Compute cpu() {
    return new Compute(Route.FP32, "cpu", "asked for");
  }

  private static EvaluateOptions options(String... arguments) {
    EvaluateOptions options = new EvaluateOptions();
    String[] all = new String[arguments.length + 2];
    all[0] = "model";
    all[1] = "data.jsonl";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    new CommandLine(new Holder(options)).parseArgs(all);
    return options;
  }

  @CommandLine.Command
  private record Holder(@CommandLine.Mixin EvaluateOptions options) {}
}
