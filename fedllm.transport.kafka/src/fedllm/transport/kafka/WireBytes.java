package fedllm.transport.kafka;

import fedllm.api.transport.Traffic;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** Adds up what every client counts on its connections. Safe for many threads. */
final class WireBytes {

  private record Meters(Metric out, Metric in) {
    private Traffic read() {
      return new Traffic(
          ((Number) out.metricValue()).longValue(), ((Number) in.metricValue()).longValue());
    }
  }

  private final Map<Object, Meters> open = new HashMap<>();
  private long sent;
  private long received;

  /** Counts a client from now on. */
  synchronized void opened(Object client, Map<MetricName, ? extends Metric> metrics) {
    open.put(
        client,
        new Meters(total(metrics, "outgoing-byte-total"), total(metrics, "incoming-byte-total")));
  }

  /** Keeps what a client that is now closed has counted. */
  synchronized void closed(Object client) {
    Meters meters = open.remove(client);
    if (meters != null) {
      Traffic last = meters.read();
      sent += last.sent();
      received += last.received();
    }
  }

  synchronized Traffic traffic() {
    long out = sent;
    long in = received;
    for (Meters meters : open.values()) {
      Traffic now = meters.read();
      out += now.sent();
      in += now.received();
    }
    return new Traffic(out, in);
  }

  /** A client's metric over all its connections; those of one connection name a node. */
  static Metric total(Map<MetricName, ? extends Metric> metrics, String name) {
    for (Map.Entry<MetricName, ? extends Metric> metric : metrics.entrySet()) {
      MetricName key = metric.getKey();
      if (key.name().equals(name) && !key.tags().containsKey("node-id")) {
        return metric.getValue();
      }
    }
    throw new IllegalStateException("this Kafka client has no metric " + name);
  }
}
