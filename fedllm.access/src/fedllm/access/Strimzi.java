package fedllm.access;

import fedllm.api.error.Refused;
import fedllm.api.transport.Right;
import fedllm.transport.kafka.KafkaAccess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The same as resources of Strimzi, whose operator owns the cluster's users: a principal {@code
 * User:CN=name} is a user with a certificate, {@code User:name} one with a password.
 *
 * @param cluster the Kafka resource that they belong to
 */
record Strimzi(String cluster) {

  String resources(List<Right> rights, List<String> topics) {
    StringBuilder yaml = new StringBuilder();
    topics.forEach(topic -> topic(yaml, topic));
    Map<String, List<Right>> byPrincipal = new LinkedHashMap<>();
    rights.forEach(r -> byPrincipal.computeIfAbsent(r.principal(), p -> new ArrayList<>()).add(r));
    byPrincipal.forEach((principal, own) -> user(yaml, principal, own));
    return yaml.toString();
  }

  private void begin(StringBuilder yaml, String kind, String name) {
    yaml.append(
        """
        ---
        apiVersion: kafka.strimzi.io/v1beta2
        kind: %s
        metadata:
          name: %s
          labels:
            strimzi.io/cluster: %s
        spec:
        """
            .formatted(kind, name, cluster));
  }

  private void topic(StringBuilder yaml, String topic) {
    begin(yaml, "KafkaTopic", topic);
    yaml.append("  partitions: ").append(KafkaAccess.partitions()).append("\n  config:\n");
    new TreeMap<>(KafkaAccess.topic())
        .forEach((key, value) -> yaml.append("    %s: %s%n".formatted(key, value)));
  }

  private void user(StringBuilder yaml, String principal, List<Right> rights) {
    boolean certified = principal.startsWith("User:CN=");
    String name = principal.replaceFirst("^User:(CN=)?", "");
    if (!principal.startsWith("User:") || !name.matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?")) {
      throw new Refused(
          principal
              + " cannot be a KafkaUser; Strimzi knows User:CN=name and User:name, of lower-case"
              + " letters, digits, hyphens and dots");
    }
    begin(yaml, "KafkaUser", name);
    yaml.append(
        """
          authentication:
            type: %s
          authorization:
            type: simple
            acls:
        """
            .formatted(certified ? "tls" : "scram-sha-512"));
    for (Right right : rights) {
      yaml.append(
          """
                - resource:
                    type: %s
                    name: %s
                    patternType: %s
                  operations: [%s]
          """
              .formatted(
                  right.on() == Right.Resource.TRANSACTIONAL_ID
                      ? "transactionalId"
                      : right.on().name().toLowerCase(Locale.ROOT),
                  right.name(),
                  right.prefix() ? "prefix" : "literal",
                  String.join(
                      ", ", right.operations().stream().map(Strimzi::word).sorted().toList())));
    }
  }

  private static String word(Right.Operation operation) {
    String lower = operation.name().toLowerCase(Locale.ROOT);
    return Character.toUpperCase(lower.charAt(0)) + lower.substring(1);
  }
}
