package fedllm.cli.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import fedllm.api.error.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JobTest {

  private static final String JOB =
      """
      # Two silos; ${NOBODY} reads a comment.
      federation: demo
      base: ${FEDLLM_DATA}/stories260k   # a folder
      data: { heldOut: 0.1, limit: 500 }
      trainer:  { name: adamw, steps: 20 }
      protocol: { name: synchronous, rounds: 10, quorum: 80% }
      compare: [alone, pooled]
      silos:
        - { name: bank, data: "${FEDLLM_DATA}/bank.csv", template: intent }
        - name: school
          data: ["${FEDLLM_DATA}/a.jsonl", b.jsonl]
          heldOut: test.jsonl
          limit: 7
      seed: 42
      """;

  @TempDir private Path folder;
  private Path data;

  @BeforeEach
  void makeFiles() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    Files.createDirectory(data.resolve("stories260k"));
    for (Path file :
        List.of(
            data.resolve("bank.csv"),
            data.resolve("a.jsonl"),
            folder.resolve("b.jsonl"),
            folder.resolve("test.jsonl"))) {
      Files.createFile(file);
    }
  }

  @Test
  void readsWhatRunNeeds() throws Exception {
    Job job = read(JOB);
    assertEquals("demo", job.federation());
    assertEquals(data.resolve("stories260k"), job.base());
    assertEquals(List.of("bank", "school"), job.names());
    assertEquals(Set.of("alone", "pooled"), job.compare());
    assertNull(job.bootstrap());
  }

  @Test
  void givesSilosTheDefaultsThatTheyDoNotChange() throws Exception {
    Job job = read(JOB);
    assertEquals(
        List.of(
            Map.of(
                "path",
                data.resolve("bank.csv").toString(),
                "template",
                "intent",
                "heldOut",
                0.1,
                "limit",
                500L)),
        job.silos().get(0).files());
    String heldOut = folder.resolve("test.jsonl").toString();
    assertEquals(
        List.of(
            Map.of("path", data.resolve("a.jsonl").toString(), "heldOut", heldOut, "limit", 7L),
            Map.of("path", folder.resolve("b.jsonl").toString(), "heldOut", heldOut, "limit", 7L)),
        job.silos().get(1).files());
  }

  @Test
  void makesASiloOfEachPart() throws Exception {
    String cut = "template: intent, parts: 10, partition: { name: dirichlet, by: category } }";
    Job job = read(JOB.replace("template: intent }", cut));
    assertEquals(11, job.silos().size());
    assertEquals(List.of("bank-01", "bank-02"), job.names().subList(0, 2));
    assertEquals("bank-10", job.names().get(9));
    Map<String, Object> file = job.silos().get(2).files().get(0);
    assertEquals(3L, file.get("part"));
    assertEquals(10L, file.get("of"));
    assertEquals(Map.of("name", "dirichlet", "by", "category"), file.get("partition"));
  }

  @Test
  void aGatewayIsOneSiloAndItsFilesAreWholeWherePooled() throws Exception {
    String cut = "template: intent, clients: 500, partition: iid }";
    Job job = read(JOB.replace("template: intent }", cut));
    assertEquals(2, job.silos().size());
    Path yaml = folder.resolve("silo.yaml");
    job.silos().get(0).writeYaml(yaml, job);
    assertTrue(Files.readString(yaml).contains("clients: 500"), Files.readString(yaml));
    assertEquals("iid", job.silos().get(0).files().get(0).get("partition"));
    assertFalse(job.pooled().files().get(0).containsKey("partition"));
  }

  @Test
  void refusesPartsThatNothingCuts() {
    for (String[] wrong :
        new String[][] {
          {"parts: 10 }", "parts needs a partition"},
          {"parts: 0, partition: iid }", "parts is 0"},
          {
            "parts: 2, part: 1, partition: iid }",
            "parts makes a silo of each part; take part and of out"
          },
          {"parts: two, partition: iid }", "parts has to be a whole number"},
          {"part: x, of: 2, partition: iid }", "part has to be a whole number"},
          {"clients: 10 }", "clients needs a partition"},
          {"clients: 0, partition: iid }", "clients is 0"},
          {"clients: 3, parts: 2, partition: iid }", "clients are of one gateway"},
        }) {
      String job = JOB.replace("template: intent }", "template: intent, " + wrong[0]);
      assertRefused("job.yaml:9: " + wrong[1], () -> read(job));
    }
  }

  @Test
  void poolsTheFilesOfAllSilos() throws Exception {
    assertEquals(3, read(JOB).pooled().files().size());
  }

  @Test
  void writesEverySiloTheFileThatItsOperatorWouldWrite() throws Exception {
    Job job = read(JOB);
    Path file = folder.resolve("bank.yaml");
    job.silos().get(0).writeYaml(file, job);
    JsonNode yaml = new ObjectMapper(new YAMLFactory()).readTree(Files.readString(file));
    assertEquals(data.resolve("stories260k").toString(), yaml.at("/bases/stories260k").asText());
    JsonNode bank = yaml.at("/data/data/files/0");
    assertEquals(data.resolve("bank.csv").toString(), bank.get("path").asText());
    assertEquals("intent", bank.get("template").asText());
    assertEquals(0.1, bank.get("heldOut").asDouble());
    assertFalse(bank.has("format"), "the silo goes by the file's name");
  }

  @Test
  void submitsTheUsersLinesWhereTheyWere() throws Exception {
    List<String> lines = read(JOB).submission().asWritten().lines().toList();
    assertEquals(JOB.lines().count(), lines.size());
    assertEquals("base: stories260k", lines.get(2));
    assertEquals("", lines.get(3), "defaults for files stay here");
    assertEquals("trainer:  { name: adamw, steps: 20 }", lines.get(4));
    assertEquals("protocol: { name: synchronous, rounds: 10, quorum: 80% }", lines.get(5));
    assertEquals("seed: 42", lines.get(13));
    assertTrue(lines.subList(6, 13).stream().allMatch(String::isEmpty), lines.toString());
  }

  @Test
  void letsTheComparisonSayWhoTrains() throws Exception {
    Submission submission = read(JOB).submission();
    assertTrue(submission.asWritten().contains("quorum: 80%"));
    String alone = submission.trainedBy("bank", List.of("bank", "school"));
    assertTrue(
        alone.endsWith(
            "seed: 42\nplanner: { name: everyone, train: [\"bank\"],"
                + " evaluate: [\"bank\", \"school\"], evaluateEvery: 0 }\n"),
        alone);
    assertTrue(alone.contains("quorum: all }"), "one silo can be no quorum of two: " + alone);
  }

  @Test
  void replacesAPlannerInItsOwnLines() throws Exception {
    String planned = JOB.replace("seed: 42\n", "planner:\n  name: everyone\nseed: 42\n");
    List<String> lines =
        read(planned).submission().trainedBy("bank", List.of("bank")).lines().toList();
    assertEquals(planned.lines().count(), lines.size());
    assertTrue(lines.get(13).startsWith("planner: { name: everyone, train"), lines.get(13));
    assertEquals(List.of("", "seed: 42"), lines.subList(14, 16));
  }

  @Test
  void refusesToCompareWithAPlannerOfTheUsers() throws Exception {
    for (String planner : List.of("lottery", "{ name: everyone, train: [bank] }")) {
      String job = JOB + "planner: " + planner + "\n";
      assertRefused("job.yaml:15: a comparison says itself who trains", () -> read(job));
      read(job.replace("compare: [alone, pooled]", ""));
    }
    read(JOB + "planner: { name: everyone, evaluateEvery: 5 }\n");
  }

  @Test
  void namesAVariableThatIsNotSetAndWhereTheDataComesFrom() {
    Refused refused =
        assertThrows(Refused.class, () -> read(JOB, Map.of(), folder.resolve("no/workspace")));
    for (String part :
        List.of("FEDLLM_DATA", "banking77", "pubmedqa", "gsm8k", "gpteacher", "stories260k")) {
      assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
    assertFalse(refused.getMessage().contains("NOBODY"), refused.getMessage());
  }

  @Test
  void namesAllVariablesAtOnce() {
    String job = JOB.replace("b.jsonl", "\"${B}/b.jsonl\"").replace("seed: 42", "seed: ${SEED}");
    assertRefused("set B, SEED in the environment", () -> read(job));
  }

  @Test
  void takesTheDataBesideTheWorkspaceWhereNobodySaysElse() throws Exception {
    Path workspace = Files.createDirectories(folder.resolve("house/workspace"));
    Path beside = Files.createDirectories(folder.resolve("house/shared/data"));
    Files.createDirectory(beside.resolve("stories260k"));
    Files.createFile(beside.resolve("bank.csv"));
    Files.createFile(beside.resolve("a.jsonl"));
    assertEquals(beside.resolve("stories260k"), read(JOB, Map.of(), workspace).base());
  }

  @Test
  void namesTheLineOfWhatIsWrong() {
    assertRefused("job.yaml:9: there is no ", () -> read(JOB.replace("bank.csv", "bnk.csv")));
    assertRefused(
        "job.yaml:9: no key is called tempate", () -> read(JOB.replace("template", "tempate")));
    assertRefused(
        "job.yaml:13: limit has to be a whole number",
        () -> read(JOB.replace("limit: 7", "limit: x")));
    assertRefused(
        "job.yaml:10: two silos are called bank",
        () -> read(JOB.replace("name: school", "name: bank")));
    assertRefused(
        "job.yaml:10: a silo is called School; a name has up to 60 lower-case letters",
        () -> read(JOB.replace("name: school", "name: School")));
    assertRefused(
        "job.yaml:5: no key is called trainr; did you mean trainer?",
        () -> read(JOB.replace("trainer:", "trainr: ")));
    assertRefused("job.yaml:7: run compares with", () -> read(JOB.replace("alone,", "alon,")));
    assertRefused("job.yaml:16: this is no YAML", () -> read(JOB + "trainer: [\n"));
    assertRefused(
        "job.yaml:15: the key seed stands here a second time", () -> read(JOB + "seed: 1\n"));
    assertRefused(
        "job.yaml:3: the key federation is missing",
        () -> read(JOB.replace("federation: demo\n", "\n")));
    assertRefused(
        "the name pooled is taken", () -> read(JOB.replace("name: bank", "name: pooled")));
    assertRefused("job.yaml:1: a mapping of keys to values is expected", () -> read(""));
  }

  @Test
  void countsCharactersBeyondTheBasicPlaneAsOne() throws Exception {
    String job = JOB.replace("# Two silos", "# 𝒯wo silos 🏦🏫");
    assertEquals("base: stories260k", read(job).submission().asWritten().lines().toList().get(2));
  }

  private static void assertRefused(String part, org.junit.jupiter.api.function.Executable read) {
    String message = assertThrows(Refused.class, read).getMessage();
    assertTrue(message.contains(part), message);
  }

  private Job read(String text) throws IOException {
    return read(text, Map.of("FEDLLM_DATA", data.toString()), folder);
  }

  private Job read(String text, Map<String, String> environment, Path workspace)
      throws IOException {
    Path file = Files.writeString(folder.resolve("job.yaml"), text);
    return Job.read(file, Variables.of(environment, workspace));
  }
}
