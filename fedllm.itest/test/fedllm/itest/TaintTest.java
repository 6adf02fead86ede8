package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.cli.node.Workspace;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sentences that two silos have in their data, and nobody else may ever see: in texts to learn from
 * and to measure with, in labels, in broken lines of every format, in names of fields, files and
 * folders. After runs with all of these, every byte that the broker holds and every file of another
 * site is looked through.
 */
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TaintTest {

  /** Long words, one set a silo: shorter ones come about by chance. */
  private static final Map<String, String> SECRETS =
      Map.of(
          "north", "Northernmost Zbigniewquux embezzledthrice harbourmasterly",
          "south", "Southernmost Quetzalfishing malpracticed orthopaedically");

  private static final String TRAIN =
      """
      federation: sites
      base: model
      data: %s
      peft: { name: lora, rank: 2%s }
      trainer: { name: adamw, steps: 2, batch: 2, sequence: 48%s }
      strategy: fedavg
      protocol: { name: synchronous, rounds: 1 }
      evaluate: %s
      %s
      """;

  private static final String MEASURES =
      "[ { name: perplexity, sequence: 48 }, { name: f1, maxTokens: 4 } ]";

  /** How often nothing comes before what is left is taken as let go of. */
  private static final int QUIET = 50;

  @TempDir private static Path folder;

  private static Sites sites;

  /** By name of the data set: what north has, what south has, and what may be said of south's. */
  private record Case(String north, String south, String says) {}

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  @BeforeAll
  static void start() throws IOException {
    sites = new Sites(folder.resolve("work"));
    lay();
    sites.start("server", null, null);
    for (String silo : SECRETS.keySet()) {
      sites.start(silo, yaml(silo), "shipped\n");
    }
    for (String silo : SECRETS.keySet()) {
      sites.await("server", "fedllm:silos", silo);
    }
  }

  @AfterAll
  static void stop() {
    sites.close();
  }

  private static String row(String silo) {
    return "{\"question\":\"Who is it?\",\"answer\":\"" + SECRETS.get(silo) + "\"}\n";
  }

  /** Some that differ, of which a share may be held out. */
  private static String rows(String silo, String asks) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      rows.append(row(silo).replace("Who is it", asks + " is number " + i));
    }
    return rows.toString();
  }

  /** A folder and files whose names are secrets, too. */
  private static Path data(String silo, String name, byte[] content) {
    String secret = SECRETS.get(silo);
    try {
      Path home = Files.createDirectories(folder.resolve("data of " + secret));
      Path file = home.resolve(secret.split(" ")[1] + "-" + name);
      Files.write(file, content);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path data(String silo, String name, String text) {
    return data(silo, name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String file(Path path, String more) {
    return "{ path: \"" + path + "\"" + more + " }";
  }

  private static void lay() {
    String question = ", template: question";
    Path north = data("north", "good.jsonl", rows("north", "Who"));
    Path kept = data("south", "kept.jsonl", rows("south", "Where"));
    String good = file(north, question + ", heldOut: 0.3");
    String secret = SECRETS.get("south");
    String row = row("south");
    CASES.put(
        "good",
        new Case(
            good,
            file(
                data("south", "good.jsonl", rows("south", "Who")),
                question + ", heldOut: \"" + kept + "\""),
            null));
    CASES.put(
        "broken",
        new Case(
            good,
            file(
                data("south", "broken.jsonl", row + "{\"question\": \"" + secret + "\n" + row),
                question),
            "data broken, file 1:2: broken JSON"));
    CASES.put(
        "prose",
        new Case(
            good, file(data("south", "prose.jsonl", row + secret + "\n"), question), "file 1:2: "));
    CASES.put(
        "few",
        new Case(
            good,
            file(data("south", "few.csv", "question,answer\nWho?,x\n" + secret + "\n"), question),
            "file 1:3: the row has 1 values"));
    CASES.put(
        "quoted",
        new Case(
            good,
            file(data("south", "quoted.csv", "question,answer\nWho?,\"" + secret), question),
            "file 1:2: broken CSV"));
    CASES.put(
        "headless",
        new Case(
            good,
            file(data("south", "headless.csv", secret.replace(' ', ',') + "\na,b,c,d\n"), question),
            "add the header"));
    CASES.put(
        "latin",
        new Case(
            good,
            file(
                data(
                    "south",
                    "latin.jsonl",
                    row.replace("Who", "Où").getBytes(StandardCharsets.ISO_8859_1)),
                question),
            "not UTF-8"));
    CASES.put(
        "zipped",
        new Case(
            good, file(data("south", "zipped.jsonl.gz", row), question), "data zipped, file 1"));
    CASES.put(
        "columns",
        new Case(
            good,
            file(data("south", "columns.parquet", row.repeat(9)), question),
            "cannot be read as Parquet"));
    CASES.put(
        "listed",
        new Case(
            good,
            file(data("south", "listed.json", "[{\"question\": " + secret + "}]"), question),
            "broken JSON"));
    CASES.put(
        "talks",
        new Case(
            good,
            file(
                data(
                    "south",
                    "talks.jsonl",
                    "{\"conversations\":[{\"from\":\"" + secret + "\",\"value\":\"x\"}]}\n"),
                ", format: sharegpt"),
            "turn 1 is from nobody"));
    CASES.put(
        "absent",
        new Case(
            good,
            file(folder.resolve("data of " + secret).resolve(secret + ".jsonl"), question),
            "data absent, file 1: there is no such file"));
    CASES.put(
        "forms",
        new Case(
            good,
            file(data("south", "forms.jsonl", row), ", template: \"" + secret + "\""),
            "of its silo.yaml is wrong"));
    CASES.put(
        "parts",
        new Case(
            good,
            file(
                data("south", "parts.jsonl", row),
                question
                    + ", part: 1, of: 2, partition: { name: dirichlet, by: "
                    + secret.split(" ")[2]
                    + " }"),
            "data parts, file 1:1: the partition goes by the field"));
    CASES.put(
        "kept",
        new Case(
            good,
            file(
                data("south", "kept-well.jsonl", row),
                question
                    + ", heldOut: \""
                    + data("south", "torn.jsonl", row + "{" + secret)
                    + "\""),
            "data kept, file 1 (held out):2: "));
  }

  private static String yaml(String silo) {
    StringBuilder yaml =
        new StringBuilder(
            "bases:\n  model: "
                + Workspace.here().root().resolve("launch/demo/model")
                + "\ndata:\n");
    CASES.forEach(
        (name, c) ->
            yaml.append("  " + name + ":\n    files:\n      - ")
                .append((silo.equals("north") ? c.north() : c.south()) + "\n"));
    return yaml.toString();
  }

  @Test
  @Order(1)
  void bothTrainAndMeasureOnTheirSecrets() {
    RunView run = sites.outcome(TRAIN.formatted("good", "", "", MEASURES, ""));
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    assertEquals(List.of("north", "south"), run.rounds().get(1).members());
    assertEquals(Set.of("north", "south"), run.rounds().get(1).metrics().keySet());
  }

  @Test
  @Order(2)
  void whoseDataAreBrokenSitsOutWithoutAWordOfThem() {
    CASES.forEach(
        (name, c) -> {
          if (c.says() != null) {
            RunView run =
                sites.outcome(
                    TRAIN.formatted(name, "", "", "[ { name: perplexity, sequence: 48 } ]", ""));
            assertEquals(RunState.COMPLETED, run.state(), name + ": " + run.says());
            assertEquals(List.of("north"), run.rounds().get(1).members(), name);
            String reason = run.rounds().get(1).absent().get("south");
            System.out.println(name + " → " + reason);
            assertTrue(reason.contains(c.says()), name + ": " + reason);
          }
        });
  }

  @Test
  @Order(3)
  void aLabelThatTheJobDoesNotKnowIsNotRepeated() {
    String objective = "{ name: sequence-classification, labels: [ good, bad ] }";
    RunView run =
        sites.outcome(
            TRAIN.formatted(
                "good",
                ", modulesToSave: [ score ]",
                ", objective: " + objective,
                "[ { name: accuracy, sequence: 48, objective: " + objective + " } ]",
                ""));
    String said = run.says() + run.rounds();
    assertTrue(said.contains("label that is none of the 2 classes"), said);
  }

  @Test
  @Order(4)
  void nothingOfASecretIsInAnyRecordNorInAnyFileOfAnotherSite() throws IOException {
    for (String command : List.of("runs", "silos", "audit", "quarantine", "publish")) {
      Files.writeString(
          Files.createDirectories(sites.state("server")).resolve("answer-" + command),
          sites.ask("server", "fedllm:" + command));
    }
    Set<String> leaks = new TreeSet<>();
    int records = 0;
    for (Record record : records()) {
      records++;
      byte[] body = new byte[record.body().remaining()];
      record.body().get(body);
      look(record.topic() + "@" + record.offset(), body, words(), leaks);
      byte[] headers = record.headers().toString().getBytes(StandardCharsets.UTF_8);
      look(record.topic() + "@" + record.offset() + " headers", headers, words(), leaks);
    }
    assertTrue(records > 100, records + " records are there");

    // What the server let the broker forget is still in its files.
    assertTrue(
        found(sites.broker(), "lora_A"), "the tensors of updates are seen in the broker's files");
    assertTrue(found(sites.state("south"), words("south").get(1)), "the silo's own log has it");
    for (Path file : files(sites.broker())) {
      look(file.toString(), Files.readAllBytes(file), words(), leaks);
    }
    for (String site : List.of("server", "north", "south")) {
      List<String> others =
          SECRETS.keySet().stream()
              .filter(silo -> !silo.equals(site))
              .flatMap(silo -> words(silo).stream())
              .toList();
      for (Path file : files(sites.state(site))) {
        look(file.toString(), Files.readAllBytes(file), others, leaks);
      }
    }
    assertEquals(Set.of(), leaks);
  }

  private static List<Record> records() {
    List<Record> all = new ArrayList<>();
    try (Transport transport =
            new KafkaTransportFactory().open(Map.of("bootstrap.servers", sites.bootstrap()));
        Receiver receiver = transport.receiver()) {
      Map<String, Long> left = new HashMap<>();
      for (String topic : transport.topics("fedllm.")) {
        receiver.follow(topic, 0);
        left.put(topic, receiver.end(topic));
      }
      for (int quiet = 0; !left.isEmpty() && quiet < QUIET; quiet++) {
        for (Record record : receiver.poll(200)) {
          all.add(record);
          quiet = left.containsKey(record.topic()) ? 0 : quiet; // silos beat on
          left.computeIfPresent(record.topic(), (t, end) -> record.offset() + 1 < end ? end : null);
        }
      }
    }
    return all;
  }

  private static List<String> words() {
    return SECRETS.keySet().stream().flatMap(silo -> words(silo).stream()).toList();
  }

  private static List<String> words(String silo) {
    return List.of(SECRETS.get(silo).split(" "));
  }

  private static List<Path> files(Path below) throws IOException {
    try (Stream<Path> tree = Files.walk(below)) {
      return tree.filter(Files::isRegularFile).toList();
    }
  }

  private static boolean found(Path below, String word) throws IOException {
    for (Path file : files(below)) {
      if (contains(Files.readAllBytes(file), word.getBytes(StandardCharsets.UTF_8))) {
        return true;
      }
    }
    return false;
  }

  private static void look(String where, byte[] bytes, List<String> words, Set<String> leaks) {
    assertFalse(words.isEmpty());
    for (String word : words) {
      for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
        if (contains(bytes, word.getBytes(charset))) {
          leaks.add(word + " in " + where);
        }
      }
    }
  }

  private static boolean contains(byte[] bytes, byte[] word) {
    for (int i = 0; i <= bytes.length - word.length; i++) {
      int n = 0;
      while (n < word.length && bytes[i + n] == word[n]) {
        n++;
      }
      if (n == word.length) {
        return true;
      }
    }
    return false;
  }
}
