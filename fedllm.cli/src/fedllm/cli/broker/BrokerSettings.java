package fedllm.cli.broker;

import java.nio.file.Path;
import java.util.List;

/**
 * One node that is broker and controller, keeps everything once, and serves a handful of clients.
 */
final class BrokerSettings {

  private BrokerSettings() {}

  static List<String> of(Path data, int port, int controllerPort) {
    return List.of(
        "node.id=1",
        "process.roles=broker,controller",
        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names=CONTROLLER",
        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
        "log.dirs=" + data.toString().replace("\\", "\\\\"),
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
