package fedllm.transport.kafka;

import fedllm.api.transport.Transport;
import fedllm.api.transport.TransportFactory;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Opens transports from what a {@code kafka.properties} says. */
@Component
public final class KafkaTransportFactory implements TransportFactory {

  @Override
  public Transport open(Map<String, String> settings) {
    return new KafkaTransport(new Settings(settings));
  }
}
