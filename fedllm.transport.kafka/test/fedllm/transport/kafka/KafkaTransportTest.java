package fedllm.transport.kafka;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Transport;
import fedllm.cli.broker.Broker;
import fedllm.testkit.transport.TransportContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KafkaTransportTest extends TransportContract {

  private static Broker broker;

  @BeforeAll
  static void startBroker(@TempDir Path folder) {
    broker = Broker.start(folder);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void aTopicTooNarrowForChunksIsNamed() throws Exception {
    String topic = topic("narrow");
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    AlterConfigOp narrow =
        new AlterConfigOp(new ConfigEntry("max.message.bytes", "1000"), AlterConfigOp.OpType.SET);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.incrementalAlterConfigs(Map.of(resource, List.of(narrow))).all().get();
    }
    String said = assertThrows(Unreachable.class, () -> transport().create(topic)).getMessage();
    assertTrue(said.contains(topic) && said.contains("max.message.bytes"), said);
  }

  @Override
  protected Transport open() {
    return new KafkaTransportFactory().open(Map.of("bootstrap.servers", broker.bootstrap()));
  }
}
