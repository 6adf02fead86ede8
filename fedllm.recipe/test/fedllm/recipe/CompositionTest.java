package fedllm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.runtime.job.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompositionTest {

  private static final String TASK =
      """
      # What it shows,
      # and what it cannot.
      federation: recipe
      trainer: { name: adamw, steps: 10, learningRate: 4e-3 }
      strategy: { name: fedavg }
      codecs: { up: [ { name: zstd } ] }
      seed: 42
      silos:
        - { name: bank }
      """;

  private static final String RECIPE =
      """
      title: A method
      paper: arXiv:0000.00000
      does: a thing
      claim: { kind: bytes, says: few, published: none, setting: none, number: bytesUp }
      job:
      """;

  @TempDir Path folder;

  private Map<String, Object> job(String... lines) throws IOException {
    return Yaml.read(text(lines), "composed").values();
  }

  private String text(String... lines) throws IOException {
    Path task = Files.writeString(folder.resolve("task.yaml"), TASK);
    String said = "  " + String.join("\n  ", lines) + "\n";
    Path recipe = Files.writeString(folder.resolve("method.yaml"), RECIPE + said);
    return Task.read(task).with(Recipe.read(recipe), "method-7", 7, "127.0.0.1:9092", "alone");
  }

  @Test
  void whatTheRecipeSaysCountsAndTheRestIsTheTasks() throws IOException {
    Map<String, Object> job = job("strategy: { name: krum, byzantine: 1 }");
    assertEquals(Map.of("name", "krum", "byzantine", 1), job.get("strategy"));
    assertEquals(List.of(Map.of("name", "bank")), job.get("silos"));
    assertEquals("method-7", job.get("federation"));
    assertEquals(7, job.get("seed"));
    assertEquals("127.0.0.1:9092", job.get("bootstrap"));
    assertEquals(List.of("alone"), job.get("compare"));
  }

  @Test
  void aPluginOfTheTasksNameKeepsItsOtherOptions() throws IOException {
    assertEquals(
        Map.of("name", "adamw", "steps", 5, "learningRate", 0.004),
        job("trainer: { steps: 5 }").get("trainer"));
    assertEquals(
        job("trainer: { steps: 5 }").get("trainer"),
        job("trainer: { name: adamw, steps: 5 }").get("trainer"));
    assertEquals(Map.of("name", "mezo"), job("trainer: { name: mezo }").get("trainer"));
  }

  @Test
  void whatIsAskedForIsTheTasks() throws IOException {
    assertEquals(
        Map.of(
            "name",
            "ditto",
            "lambda",
            0.5,
            "of",
            Map.of("name", "adamw", "steps", 10, "learningRate", 0.004)),
        job("trainer: { name: ditto, lambda: 0.5, of: \"${task.trainer}\" }").get("trainer"));
    assertEquals(
        Map.of("name", "mezo", "steps", 10),
        job("trainer: { name: mezo, steps: \"${task.trainer.steps}\" }").get("trainer"));
  }

  @Test
  void whatTheTaskDoesNotSayCannotBeAskedFor() {
    String said = assertThrows(Refused.class, () -> job("peft: \"${task.peft}\"")).getMessage();
    assertTrue(said.contains("line 6 of the recipe asks for ${task.peft}"), said);
  }

  @Test
  void aKeyWithoutAValueTakesTheTasksAway() throws IOException {
    assertFalse(job("codecs: null").containsKey("codecs"));
  }

  @Test
  void aNumberStaysAsItWasWritten() throws IOException {
    assertTrue(text("strategy: { name: median }").contains("learningRate: 4e-3"));
  }

  @Test
  void theTaskSaysOfItselfWhatItShows() throws IOException {
    Path task = Files.writeString(folder.resolve("task.yaml"), TASK);
    assertEquals("What it shows,\nand what it cannot.", Task.read(task).says());
  }

  @Test
  void aRecipeLeavesToTheProgramWhatIsTheProgramsOwn() {
    for (String line : List.of("federation: mine", "compare: [ alone ]", "bootstrap: a:1")) {
      String said = assertThrows(Refused.class, () -> job(line)).getMessage();
      assertTrue(said.startsWith("method.yaml:6: no key is called "), said);
    }
  }

  @Test
  void aRecipeWithoutAClaimIsRefused() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("method.yaml"), RECIPE.replaceFirst("claim: .*\n", "") + "  seed: 1\n");
    assertTrue(
        assertThrows(Refused.class, () -> Recipe.read(file))
            .getMessage()
            .contains("the key claim is missing"));
    Files.writeString(file, RECIPE.replace("kind: bytes", "kind: beauty") + "  seed: 1\n");
    assertEquals(
        "method.yaml:4: a claim is about one of [accuracy, bytes, compute, exactness, memory]",
        assertThrows(Refused.class, () -> Recipe.read(file)).getMessage());
  }
}
