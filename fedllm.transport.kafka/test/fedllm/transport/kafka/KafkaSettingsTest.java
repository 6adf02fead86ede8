package fedllm.transport.kafka;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.transport.Transport;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KafkaSettingsTest {

  private final KafkaTransportFactory factory = new KafkaTransportFactory();

  @Test
  void asksForTheBroker() {
    assertSays("bootstrap.servers", Map.of("security.protocol", "SSL"));
  }

  @ParameterizedTest
  @CsvSource({"acks,1", "enable.idempotence,false", "group.id,mine", "isolation.level,x"})
  void refusesWhatItsPromisesHangOn(String key, String value) {
    assertSays(key, Map.of("bootstrap.servers", "127.0.0.1:1", key, value));
  }

  @Test
  void refusesWhatKafkaCannotUseAndSaysWhy() {
    assertSays(
        "security.protocol",
        Map.of("bootstrap.servers", "127.0.0.1:1", "security.protocol", "TSL"));
    assertSays("bootstrap.servers", Map.of("bootstrap.servers", "127.0.0.1"));
  }

  @Test
  void aPortThatSaysNothingMayExpectTls() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      assertUnreachable("127.0.0.1:" + silent.getLocalPort());
    }
  }

  @Test
  void namesTheBrokerThatDoesNotAnswer() {
    assertUnreachable("127.0.0.1:1");
  }

  private void assertUnreachable(String bootstrap) {
    Map<String, String> impatient =
        Map.of(
            "bootstrap.servers", bootstrap,
            "request.timeout.ms", "300",
            "default.api.timeout.ms", "900");
    try (Transport transport = factory.open(impatient)) {
      String said = assertThrows(Unreachable.class, () -> transport.create("a.topic")).getMessage();
      for (String part : new String[] {bootstrap, "a.topic", "bootstrap.servers", "TLS"}) {
        assertTrue(said.contains(part), said);
      }
    }
  }

  private void assertSays(String part, Map<String, String> settings) {
    String said = assertThrows(Refused.class, () -> factory.open(settings)).getMessage();
    assertTrue(said.contains(part), said);
  }
}
