package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
      """;

  private static final String MEASURES =
      "[ { name: perplexity, sequence: 48 }, { name: f1, maxTokens: 4 } ]";

  /** How often nothing comes before what is left is taken as let go of. */
  private static final int QUIET = 50;

  @TempDir private static Path folder;

  private static Sites sites;
  private static Planted planted;

  @BeforeAll
  static void start() throws IOException {
    sites = new Sites(folder.resolve("work"));
    planted = new Planted(folder);
    sites.start("server", null, null);
    for (String silo : Planted.SILOS) {
      sites.start(silo, planted.yaml(silo), "shipped\n");
    }
    for (String silo : Planted.SILOS) {
      sites.await("server", "fedllm:silos", silo);
    }
  }

  @AfterAll
  static void stop() {
    sites.close();
  }

  @Test
  @Order(1)
  void bothTrainAndMeasureOnTheirSecrets() {
    RunView run = sites.outcome(TRAIN.formatted("good", "", "", MEASURES));
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    assertEquals(List.of("north", "south"), run.rounds().get(1).members());
    assertEquals(Set.of("north", "south"), run.rounds().get(1).metrics().keySet());
  }

  @Test
  @Order(2)
  void whoseDataAreBrokenSitsOutWithoutAWordOfThem() {
    planted
        .cases()
        .forEach(
            (name, c) -> {
              if (c.says() != null) {
                RunView run =
                    sites.outcome(
                        TRAIN.formatted(name, "", "", "[ { name: perplexity, sequence: 48 } ]"));
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
                "[ { name: accuracy, sequence: 48, objective: " + objective + " } ]"));
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
      Search.look(record.topic() + "@" + record.offset(), body, Planted.words(), leaks);
      byte[] headers = record.headers().toString().getBytes(StandardCharsets.UTF_8);
      Search.look(
          record.topic() + "@" + record.offset() + " headers", headers, Planted.words(), leaks);
    }
    assertTrue(records > 100, records + " records are there");

    // What the server let the broker forget is still in its files.
    assertTrue(
        Search.found(sites.broker(), "lora_A"),
        "the tensors of updates are seen in the broker's files");
    assertTrue(
        Search.found(sites.state("south"), Planted.words("south").get(1)),
        "the silo's own log has it");
    for (Path file : Search.files(sites.broker())) {
      Search.look(file.toString(), Files.readAllBytes(file), Planted.words(), leaks);
    }
    for (String site : List.of("server", "north", "south")) {
      List<String> others =
          Planted.SILOS.stream()
              .filter(silo -> !silo.equals(site))
              .flatMap(silo -> Planted.words(silo).stream())
              .toList();
      for (Path file : Search.files(sites.state(site))) {
        Search.look(file.toString(), Files.readAllBytes(file), others, leaks);
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
}
