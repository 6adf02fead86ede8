package fedllm.transport.kafka;

import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once that a reader's broker is away, and once that it is back. One thread. */
final class Watch {

  private static final Logger log = LoggerFactory.getLogger(Watch.class);

  private final Metric connections;
  private final Metric everConnected;
  private final String bootstrap;
  private double connectedBefore;
  private boolean away;

  Watch(Map<MetricName, ? extends Metric> metrics, String bootstrap) {
    this.connections = WireBytes.total(metrics, "connection-count");
    this.everConnected = WireBytes.total(metrics, "connection-creation-total");
    this.bootstrap = bootstrap;
  }

  /** After each poll. An idle connection is not closed: a reader always asks for more. */
  void saw(boolean nothing) {
    double connected = (double) everConnected.metricValue();
    if (away && (!nothing || connected > connectedBefore)) {
      away = false;
      log.info("the broker at {} is back", bootstrap);
    } else if (!away && nothing && connected > 0 && (double) connections.metricValue() == 0) {
      away = true;
      connectedBefore = connected;
      log.warn("the broker at {} is away; going on when it is back", bootstrap);
    }
  }
}
