package fedllm.transport.kafka;

import fedllm.api.transport.Transport;
import fedllm.cli.broker.Broker;
import fedllm.testkit.transport.TransportContract;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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

  @Override
  protected Transport open() {
    return new KafkaTransportFactory().open(Map.of("bootstrap.servers", broker.bootstrap()));
  }
}
