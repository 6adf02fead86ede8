package fedllm.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import fedllm.api.error.Refused;
import fedllm.api.transport.Right;
import fedllm.cli.access.AclOptions;
import fedllm.runtime.message.Rights;
import fedllm.runtime.message.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class PrintedRightsTest {

  private static final Topics TOPICS = new Topics("hospitals");

  private static AclOptions options(String arguments) {
    AclOptions options = new AclOptions();
    new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(options))
        .parseArgs(("--federation hospitals " + arguments).split(" "));
    return options;
  }

  @Test
  void aSiloMayWriteItsOwnTopicAloneAndReadWhatTheServerSays() {
    KafkaTools tools = new KafkaTools("kafka.example.org:9093", Path.of("admin.properties"));
    List<String> lines =
        Rights.silo(TOPICS, "bank", "User:CN=bank, O=Bank").stream().map(tools::line).toList();
    assertEquals(
        "kafka-acls.sh --bootstrap-server kafka.example.org:9093 --command-config admin.properties"
            + " --add --allow-principal 'User:CN=bank, O=Bank' --operation READ --operation WRITE"
            + " --topic fedllm.hospitals.silo.bank",
        lines.get(0));
    assertEquals(
        1, lines.stream().filter(line -> line.contains("WRITE")).count(), lines.toString());
    assertFalse(lines.toString().contains("prefixed"), lines.toString());
    assertFalse(lines.toString().contains("CREATE"), lines.toString());
  }

  @Test
  void aServersRightsEndWhereAnotherFederationsNameBegins() {
    for (Right right : Rights.server(TOPICS, "User:server")) {
      assertTrue(right.name().startsWith("fedllm.hospitals."), right.toString());
      assertFalse(
          right.prefix()
              && right.operations().contains(Right.Operation.WRITE)
              && right.on() == Right.Resource.TOPIC,
          "it could write as a silo: " + right);
    }
  }

  @Test
  void aTopicIsMadeAsThePlatformMakesIt() {
    String line = new KafkaTools("localhost:9092", null).line(TOPICS.silo("bank"));
    assertTrue(line.contains("--create --if-not-exists --topic fedllm.hospitals.silo.bank"), line);
    assertTrue(line.contains("--config retention.ms=-1"), line);
    assertTrue(line.contains("max.message.bytes=1114112"), line);
  }

  @Test
  void strimzisUsersHaveTheSameRights() throws Exception {
    List<Right> rights = new ArrayList<>(Rights.server(TOPICS, "User:CN=server"));
    rights.addAll(Rights.silo(TOPICS, "bank", "User:bank"));
    String yaml = new Strimzi("main").resources(rights, List.of(TOPICS.silo("bank")));
    List<JsonNode> resources =
        new YAMLMapper(new YAMLFactory())
            .readerFor(JsonNode.class)
            .<JsonNode>readValues(yaml)
            .readAll();
    assertEquals(
        List.of("KafkaTopic", "KafkaUser", "KafkaUser"),
        resources.stream().map(r -> r.path("kind").asText()).toList());
    assertEquals("-1", resources.get(0).at("/spec/config/retention.ms").asText());
    assertEquals("tls", resources.get(1).at("/spec/authentication/type").asText());
    JsonNode bank = resources.get(2);
    assertEquals("main", bank.at("/metadata/labels").path("strimzi.io/cluster").asText());
    assertEquals("scram-sha-512", bank.at("/spec/authentication/type").asText());
    JsonNode own = bank.at("/spec/authorization/acls/0");
    assertEquals("fedllm.hospitals.silo.bank", own.at("/resource/name").asText());
    assertEquals("literal", own.at("/resource/patternType").asText());
    assertEquals("[\"Read\",\"Write\"]", own.path("operations").toString());
    assertThrows(
        Refused.class,
        () ->
            new Strimzi("main")
                .resources(Rights.silo(TOPICS, "bank", "User:CN=Bank,O=x"), List.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--topics | name a --server",
        "--silo bank | NAME=PRINCIPAL",
        "--silo bank=User:* | nobody in particular",
        "--silo bank=User:a --silo clinic=a | are both User:a",
        "--silo bank=a --silo bank=b | twice",
        "--silo Bank=a | lower-case",
        "--silo bank=a --apply | --bootstrap",
        "--silo bank=a --bootstrap b:1 --apply --strimzi c | kubectl"
      })
  void whatIsWrongIsRefused(String arguments, String part) {
    String said = assertThrows(Refused.class, () -> options(arguments).check()).getMessage();
    assertTrue(said.contains(part), said);
  }
}
