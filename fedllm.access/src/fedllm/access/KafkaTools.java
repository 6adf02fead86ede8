package fedllm.access;

import fedllm.api.transport.Right;
import fedllm.transport.kafka.KafkaAccess;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The same as command lines of Kafka's own tools, for who has to read them before they are run.
 *
 * @param bootstrap a broker
 * @param client properties of somebody who may, or null
 */
record KafkaTools(String bootstrap, Path client) {

  String line(Right right) {
    StringBuilder line = begin("kafka-acls.sh").append(" --add --allow-principal ");
    line.append(quoted(right.principal()));
    for (String operation : right.operations().stream().map(Enum::name).sorted().toList()) {
      line.append(" --operation ").append(operation);
    }
    line.append(" --").append(right.on().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    line.append(' ').append(quoted(right.name()));
    return right.prefix() ? line.append(" --resource-pattern-type prefixed").toString() : "" + line;
  }

  /** Makes a topic. */
  String line(String topic) {
    StringBuilder line = begin("kafka-topics.sh").append(" --create --if-not-exists");
    line.append(" --topic ").append(quoted(topic));
    line.append(" --partitions ").append(KafkaAccess.partitions());
    for (Map.Entry<String, String> config : new TreeMap<>(KafkaAccess.topic()).entrySet()) {
      line.append(" --config ").append(config.getKey()).append('=').append(config.getValue());
    }
    return line.toString();
  }

  private StringBuilder begin(String tool) {
    StringBuilder line = new StringBuilder(tool).append(" --bootstrap-server ").append(bootstrap);
    return client == null
        ? line
        : line.append(" --command-config ").append(quoted(client.toString()));
  }

  /** As a shell takes it for one word. */
  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9/._:@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
