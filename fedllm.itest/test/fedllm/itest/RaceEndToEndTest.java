package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.methods.Compared;
import fedllm.cli.node.Workspace;
import fedllm.recipe.Progress;
import fedllm.recipe.Race;
import fedllm.recipe.Recipe;
import fedllm.recipe.Recipes;
import fedllm.recipe.Task;
import fedllm.recipe.Trial;
import fedllm.recipe.Workbench;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recipes through a broker and processes, one of which cannot work. */
class RaceEndToEndTest {

  private static final String HEAD =
      """
      title: A method
      paper: arXiv:0000.00000
      does: something
      claim: { kind: bytes, says: little, published: nothing, setting: nowhere, number: bytesUp, against: fedit, below: 0.6 }
      job:
      """;

  @TempDir Path folder;

  private Recipes recipes() throws IOException {
    Path tasks = Files.createDirectories(folder.resolve("tasks"));
    Path base = Files.createDirectories(folder.resolve("base"));
    Files.writeString(base.resolve("config.json"), "{}");
    Files.write(base.resolve("model.safetensors"), new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    Path texts = Files.writeString(folder.resolve("texts.txt"), "nobody reads this\n");
    Files.writeString(
        tasks.resolve("demo.yaml"),
        """
        # Nothing is learned here.
        federation: recipe
        base: %s
        trainer: { name: noise, bytes: 100000 }
        strategy: { name: fedavg }
        protocol: { name: synchronous, rounds: 2, quorum: all }
        silos:
          - { name: bank, data: %s }
          - { name: clinic, data: %s }
        """
            .formatted(base, texts, texts));
    Files.writeString(folder.resolve("fedit.yaml"), HEAD + "  strategy: { name: fedavg }\n");
    Files.writeString(folder.resolve("half.yaml"), HEAD + "  codecs: { up: [ { name: bf16 } ] }\n");
    Files.writeString(
        folder.resolve("lonely.yaml"), HEAD + "  strategy: { name: krum, byzantine: 1 }\n");
    return new Recipes(folder);
  }

  @Test
  @Timeout(1800)
  void aRecipeThatFailsIsARowThatSaysWhyAndTheOthersAreMeasured() throws Exception {
    Recipes recipes = recipes();
    Task task = recipes.task(false);
    Race race =
        new Race(
            task, recipes.named("fedit"), List.of(recipes.named("lonely"), recipes.named("half")));
    List<Trial> ended = new ArrayList<>();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Progress progress = new Progress(new PrintStream(said, true, StandardCharsets.UTF_8), false, 3);
    Path kept;
    try (Workbench bench = new Workbench(Workspace.here(), task, null, progress, 1500)) {
      race.run(List.of(42L), bench, recipe -> check(recipe), ended::add, compared -> {});
      ended.forEach(progress::ended);
      kept = Path.of(bench.kept());
    }
    Compared compared = race.compared(1);
    assertEquals(
        List.of("local-only", "fedit", "pooled", "lonely", "half"),
        compared.rows().stream().map(Compared.Row::name).toList());
    assertFalse(race.isWhole());
    Compared.Row lonely = compared.rows().get(3);
    assertTrue(lonely.failure().contains("takes 2 x 1 + 3 = 5 members"), lonely.failure());
    assertTrue(Files.isDirectory(kept.resolve("lonely-42")), "the logs of what failed are gone");
    assertFalse(Files.exists(kept.resolve("half-42")), "a run that went well left its files");
    Compared.Row fedit = compared.rows().get(1);
    Compared.Row half = compared.rows().get(4);
    assertEquals("", fedit.failure() + half.failure());
    assertEquals(0.5, half.bytesUp() / fedit.bytesUp(), 0.05);
    assertTrue(half.siloPeakBytes() > 10e6 && half.serverPeakBytes() > 10e6, half.toString());
    assertTrue(
        race.verdicts().stream().anyMatch(v -> v.startsWith("half: bytesUp ") && v.endsWith("yes")),
        race.verdicts().toString());
    assertEquals(3, said.toString(StandardCharsets.UTF_8).lines().count());
    assertTrue(said.toString(StandardCharsets.UTF_8).contains("lonely, seed 42: FAILED: "));
    delete(kept);
  }

  private static void check(Recipe recipe) {
    assertEquals("arXiv:0000.00000", recipe.paper());
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
