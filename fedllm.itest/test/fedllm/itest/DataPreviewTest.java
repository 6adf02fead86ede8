package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.cli.data.DataCheck;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.PluginFolder;
import fedllm.cli.node.Workspace;
import fedllm.format.ModelFolder;
import fedllm.learning.text.Tokenizer;
import fedllm.preview.DataPlugins;
import fedllm.preview.Preview;
import fedllm.preview.Reader;
import fedllm.preview.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code fedllm data} prints, with the plugins as they are built and the demo's model. */
class DataPreviewTest {

  private static final String JOB =
      """
      federation: cut
      base: model
      trainer: { name: adamw, sequence: 24, loss: answer }
      strategy: fedavg
      protocol: synchronous
      templates: { short: { prompt: "{q}? ", answer: "{a}" } }
      silos:
        - { name: one, data: rows.csv, template: short }
        - { name: many, data: rows.csv, template: short, parts: 3, heldOut: 0.2,
            partition: { name: dirichlet, by: label, alpha: 0.3 } }
      """;

  @TempDir private Path folder;
  private Path job;

  @BeforeEach
  void lay() throws IOException {
    String rows =
        IntStream.range(0, 600)
            .mapToObj(i -> "who is number " + i + ",it is " + i * i + ",label" + i % 5 + "\n")
            .collect(Collectors.joining());
    Files.writeString(folder.resolve("rows.csv"), "q,a,label\n" + rows);
    Files.createSymbolicLink(
        folder.resolve("model"), Workspace.here().root().resolve("launch/demo/model"));
    job = Files.writeString(folder.resolve("job.yaml"), JOB);
  }

  private String shown(String only, int examples, boolean tokens) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DataPlugins plugins = DataPlugins.open(Workspace.here().plugins());
        Tokenizer tokenizer = Tokenizer.open(ModelFolder.open(folder.resolve("model")))) {
      Subject subject = Subject.ofYaml(job, null, variables(), plugins).only(only);
      assertEquals("answer", subject.loss());
      assertEquals(folder.resolve("model"), subject.base(null));
      Reader reader = new Reader(tokens ? tokenizer : null, subject.sequence());
      PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
      assertTrue(new Preview(subject.views(), plugins, reader, print, false).print(examples, ""));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private Variables variables() {
    return Variables.of(Map.of(), folder);
  }

  @Test
  void marksTheAnswersInWhatTheModelReads() throws IOException {
    String shown = shown("one", 1, true);
    assertTrue(shown.contains("rows.csv: csv, template short, fields a, label, q"), shown);
    assertTrue(shown.matches("(?s).*\\| .*who is number \\d+\\? ?⟦.*it is \\d+.*⟧.*"), shown);
    assertTrue(shown.contains("CUT AT 24"), shown);
    assertTrue(shown.contains("600       0"), shown);
  }

  @Test
  void showsHowPartsDiffer() throws IOException {
    String shown = shown(null, 0, true);
    assertTrue(shown.contains("rows.csv in 3 parts by dirichlet"), shown);
    assertTrue(shown.contains("label4"), shown);
    assertEquals(4, shown.lines().filter(line -> line.matches("(one|many-\\d) .*")).count(), shown);
    assertFalse(shown.contains("who is"), "no text where no example is asked for");
    int rows =
        shown
            .lines()
            .filter(line -> line.matches("[123] +\\d+ +[\\d.]+ %.*"))
            .mapToInt(line -> Integer.parseInt(line.split(" +")[1]))
            .sum();
    assertEquals(600, rows, shown);
  }

  @Test
  void countsCharactersWithoutAModel() throws IOException {
    assertTrue(shown("many-2", 1, false).contains("CHARACTERS"));
  }

  @Test
  void aJobIsRefusedBeforeAnythingStartsWhenItsDataCannotBe() throws IOException {
    Path plugins = PluginFolder.filled(folder.resolve("plugins"), Workspace.here());
    DataCheck.check(Job.read(job, variables()), plugins);
    for (String[] wrong :
        new String[][] {
          {"name: dirichlet", "name: dirichlt", "job.yaml:9: no data is called dirichlt"},
          {"by: label", "bye: label", "job.yaml:9: data dirichlet has no option bye"},
          {"alpha: 0.3", "alpha: -1", "job.yaml:9: data dirichlet: alpha is -1"},
          {"heldOut: 0.2", "heldOut: 1.2", "job.yaml:9: heldOut is 1.2"},
          {"template: short }", "template: shrt }", "job.yaml:8: no template is called shrt"},
        }) {
      Files.writeString(job, JOB.replace(wrong[0], wrong[1]));
      Job read = Job.read(job, variables());
      Refused refused = assertThrows(Refused.class, () -> DataCheck.check(read, plugins));
      assertTrue(refused.getMessage().startsWith(wrong[2]), refused.getMessage());
    }
  }
}
