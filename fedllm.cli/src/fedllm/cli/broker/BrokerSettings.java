package fedllm.cli.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One node that is broker and controller, keeps everything once, and serves a handful of clients.
 */
final class BrokerSettings {

  private BrokerSettings() {}

  /** Whoever reaches the port may do everything. */
  static List<String> open(Path data, String host, int port, int controllerPort) {
    List<String> settings = new ArrayList<>(common(data, controllerPort));
    settings.addAll(
        List.of(
            "listeners=PLAINTEXT://%s:%d,CONTROLLER://127.0.0.1:%d"
                .formatted(host, port, controllerPort),
            "advertised.listeners=PLAINTEXT://" + host + ":" + port,
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"));
    return settings;
  }

  /**
   * Who is certified by the authority may enter by one port, who knows a user's password by the
   * other; then nothing is allowed but what an ACL allows. The certificate {@code admin} may do
   * everything.
   */
  static List<String> secured(
      Path data, int port, int scramPort, int controllerPort, Certificates certificates)
      throws IOException {
    List<String> settings = new ArrayList<>(common(data, controllerPort));
    settings.addAll(
        List.of(
            "listeners=MTLS://127.0.0.1:%d,SCRAM://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                .formatted(port, scramPort, controllerPort),
            "advertised.listeners=MTLS://127.0.0.1:%d,SCRAM://127.0.0.1:%d"
                .formatted(port, scramPort),
            "listener.security.protocol.map=MTLS:SSL,SCRAM:SASL_SSL,CONTROLLER:SSL",
            "inter.broker.listener.name=MTLS",
            "ssl.keystore.type=PEM",
            "ssl.keystore.location=" + escaped(certificates.of("broker")),
            "ssl.truststore.type=PEM",
            "ssl.truststore.location=" + escaped(certificates.authority()),
            "ssl.client.auth=required",
            "listener.name.scram.ssl.client.auth=none",
            "ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/,DEFAULT",
            "sasl.enabled.mechanisms=SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config="
                + "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found=false",
            "super.users=User:broker;User:admin"));
    return settings;
  }

  private static String escaped(Path path) {
    return path.toString().replace("\\", "\\\\");
  }

  private static List<String> common(Path data, int controllerPort) {
    return List.of(
        "node.id=1",
        "process.roles=broker,controller",
        "controller.listener.names=CONTROLLER",
        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
        "log.dirs=" + escaped(data),
        "auto.create.topics.enable=false",
        "default.replication.factor=1",
        "min.insync.replicas=1",
        "offsets.topic.num.partitions=1",
        "offsets.topic.replication.factor=1",
        "transaction.state.log.num.partitions=1",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "share.coordinator.state.topic.num.partitions=1",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "group.initial.rebalance.delay.ms=0",
        "num.network.threads=2",
        "num.io.threads=4",
        "socket.send.buffer.bytes=-1",
        "socket.receive.buffer.bytes=-1",
        "log.cleaner.dedupe.buffer.size=4194304",
        // Forgotten records are freed by a task that by default first runs after 30 seconds.
        "log.initial.task.delay.ms=1000",
        "log.retention.check.interval.ms=5000",
        "log.segment.delete.delay.ms=1000",
        // Nobody takes over from the only node.
        "controlled.shutdown.enable=false");
  }
}
