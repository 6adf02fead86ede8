package fedllm.transport.kafka;

import fedllm.api.error.Unreachable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Questions to the broker about topics; each is answered or fails in bounded time. */
final class Cluster {

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);
  private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Admin admin;
  private final Failures failures;

  Cluster(Admin admin, Settings settings) {
    this.admin = admin;
    this.failures = new Failures(settings.bootstrap(), settings.credentials());
  }

  Failures failures() {
    return failures;
  }

  void create(String topic) {
    if (exists(topic)) {
      requireRoomForChunks(topic);
    } else {
      NewTopic wanted = new NewTopic(topic, Optional.of(Settings.PARTITIONS), Optional.empty());
      try {
        admin.createTopics(List.of(wanted.configs(Settings.topic()))).all().get();
      } catch (ExecutionException | InterruptedException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw failures.of("create the topic " + topic, e);
        }
      }
      waitUntil("see the new topic " + topic, () -> exists(topic));
    }
    end(topic); // answers once the log is there, which is later than the topic
  }

  Set<String> topics(String prefix) {
    Set<String> names = new TreeSet<>(answer("list topics", admin.listTopics().names()));
    names.removeIf(name -> !name.startsWith(prefix));
    return names;
  }

  void delete(Collection<String> topics) {
    admin
        .deleteTopics(topics)
        .topicNameValues()
        .forEach(
            (topic, deletion) -> {
              try {
                deletion.get();
              } catch (ExecutionException | InterruptedException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                  throw failures.of("delete the topic " + topic, e);
                }
              }
            });
    Set<String> gone = Set.copyOf(topics);
    waitUntil("see topics go", () -> topics("").stream().noneMatch(gone::contains));
  }

  void forget(String topic, long beforeOffset) {
    require(topic);
    answer(
        "forget records of " + topic + " before " + beforeOffset,
        admin
            .deleteRecords(Map.of(partition(topic), RecordsToDelete.beforeOffset(beforeOffset)))
            .all());
  }

  /** The offset after the last record. */
  long end(String topic) {
    TopicPartition partition = partition(topic);
    ListOffsetsOptions committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    return answer(
            "ask for the end of " + topic,
            admin
                .listOffsets(Map.of(partition, OffsetSpec.latest()), committed)
                .partitionResult(partition))
        .offset();
  }

  /** Refuses a topic that is missing, which most questions would wait for in vain. */
  void require(String topic) {
    answer(
        "find the topic " + topic,
        admin.describeTopics(Set.of(topic)).topicNameValues().get(topic));
  }

  static TopicPartition partition(String topic) {
    return new TopicPartition(topic, Settings.PARTITION);
  }

  boolean exists(String topic) {
    try {
      admin.describeTopics(Set.of(topic)).topicNameValues().get(topic).get();
      return true;
    } catch (ExecutionException | InterruptedException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw failures.of("find the topic " + topic, e);
    }
  }

  /** A topic that somebody else made may be too narrow. */
  private void requireRoomForChunks(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      String most =
          admin
              .describeConfigs(Set.of(resource))
              .values()
              .get(resource)
              .get()
              .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
              .value();
      if (Long.parseLong(most) < Settings.MESSAGE_BYTES) {
        throw new Unreachable(
            "the topic "
                + topic
                + " takes records of at most "
                + most
                + " bytes: its operator must set max.message.bytes to "
                + Settings.MESSAGE_BYTES
                + " or more");
      }
    } catch (ExecutionException | InterruptedException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw failures.of("read the settings of the topic " + topic, e);
      }
      log.debug(
          "{} was there already and we may not read its settings; it needs max.message.bytes={}",
          topic,
          Settings.MESSAGE_BYTES);
    }
  }

  private <T> T answer(String doing, KafkaFuture<T> question) {
    try {
      return question.get();
    } catch (ExecutionException | InterruptedException e) {
      throw failures.of(doing, e);
    }
  }

  /** What the controller has done, the broker shows a little later. */
  private void waitUntil(String doing, BooleanSupplier seen) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Settings.ANSWER_MS);
    while (!seen.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new Unreachable("could not " + doing + " within " + Settings.ANSWER_MS / 1000 + " s");
      }
      LockSupport.parkNanos(LOOK_AGAIN_NS);
    }
  }
}
