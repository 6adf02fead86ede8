package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.runtime.message.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a silo that speaks Kafka by itself, with its own certificate, tries beyond its rights. Each
 * is refused by the broker, for the reason that it is not allowed.
 */
@Timeout(300)
class ForbiddenAtTheBrokerTest {

  private static final Topics TOPICS = new Topics("hospitals");
  private static final String OWN = TOPICS.silo("bank");
  private static final String OTHER = TOPICS.silo("clinic");

  private static SecureBroker secure;
  private static Map<String, Object> bank;
  private static Admin admin;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void startBroker(@TempDir Path folder) throws Exception {
    secure = new SecureBroker(folder);
    secure.admit(TOPICS, List.of("bank", "clinic"));
    try (Admin server = Admin.create(SecureBroker.kafka(secure.certified("server")))) {
      server
          .createTopics(
              TOPICS.ofTheServer().stream().map(t -> new NewTopic(t, 1, (short) 1)).toList())
          .all()
          .get();
    }
    bank = SecureBroker.kafka(secure.certified("bank"));
    admin = Admin.create(bank);
    producer = producer(Map.of());
  }

  @AfterAll
  static void stopBroker() {
    producer.close(Duration.ZERO);
    admin.close();
    secure.close();
  }

  /** Something that must not work. */
  interface Attempt {
    void go() throws Exception;
  }

  static List<String> attempts() {
    return List.copyOf(ALL.keySet());
  }

  private static final Map<String, Attempt> ALL = new LinkedHashMap<>();

  static {
    ALL.put("writes another silo's topic", () -> send(producer, OTHER));
    ALL.put("writes control", () -> send(producer, TOPICS.control()));
    ALL.put("writes broadcast", () -> send(producer, TOPICS.broadcast()));
    ALL.put("publishes a bundle", () -> send(producer, TOPICS.bundles()));
    ALL.put("reads the audit trail", () -> read(TOPICS.audit()));
    ALL.put("writes the audit trail", () -> send(producer, TOPICS.audit()));
    ALL.put(
        "writes another silo's topic with that silo's name in the headers",
        () -> {
          ProducerRecord<byte[], byte[]> stolen = record(OTHER);
          stolen.headers().add("silo", "clinic".getBytes(StandardCharsets.UTF_8));
          producer.send(stolen).get();
        });
    ALL.put("reads another silo's topic", () -> read(OTHER));
    ALL.put(
        "creates a topic of the federation",
        () ->
            admin
                .createTopics(List.of(new NewTopic(TOPICS.silo("bank-2"), 1, (short) 1)))
                .all()
                .get());
    ALL.put("deletes its own topic", () -> admin.deleteTopics(List.of(OWN)).all().get());
    ALL.put("deletes control", () -> admin.deleteTopics(List.of(TOPICS.control())).all().get());
    ALL.put("adds partitions", () -> partitions());
    ALL.put("allows itself more", () -> admin.createAcls(List.of(everything())).all().get());
    ALL.put(
        "forbids others what they may",
        () -> admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get());
    ALL.put("lists who may what", () -> admin.describeAcls(AclBindingFilter.ANY).values().get());
    ALL.put("uses a transactional id of the server", ForbiddenAtTheBrokerTest::transaction);
    ALL.put("joins the server's group", ForbiddenAtTheBrokerTest::group);
    ALL.put(
        "deletes the server's group",
        () -> admin.deleteConsumerGroups(List.of(TOPICS.prefix() + "server")).all().get());
    ALL.put("alters its topic's settings", () -> configure(OWN));
    ALL.put("alters control's settings", () -> configure(TOPICS.control()));
    ALL.put("gives itself a password", ForbiddenAtTheBrokerTest::password);
    ALL.put("lists who has passwords", () -> admin.describeUserScramCredentials().users().get());
    ALL.put("deletes records of control", () -> forget(TOPICS.control()));
    ALL.put("deletes records of another silo", () -> forget(OTHER));
  }

  @ParameterizedTest
  @MethodSource("attempts")
  void isRefused(String attempt) {
    Exception thrown = assertThrows(Exception.class, () -> ALL.get(attempt).go());
    Throwable why = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
    assertInstanceOf(AuthorizationException.class, assertInstanceOf(ApiException.class, why));
    System.out.println(attempt + " → " + why.getMessage());
  }

  @Test
  void whatItsWorkNeedsIsAllowed() throws Exception {
    producer.send(record(OWN)).get();
    assertFalse(read(OWN).isEmpty(), "it reads back what it wrote");
    read(TOPICS.control());
    read(TOPICS.broadcast());
    assertEquals(
        Stream.concat(TOPICS.forSilos().stream(), Stream.of(OWN)).sorted().toList(),
        admin.listTopics().names().get().stream().sorted().toList(),
        "others' topics are not even seen");
  }

  @Test
  void theServerCannotWriteAsASilo() throws Exception {
    Map<String, Object> server = SecureBroker.kafka(secure.certified("server"));
    try (KafkaProducer<byte[], byte[]> forger = producer(server)) {
      Exception thrown = assertThrows(ExecutionException.class, () -> send(forger, OTHER));
      assertInstanceOf(AuthorizationException.class, thrown.getCause());
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(bank);
    settings.put("key.serializer", ByteArraySerializer.class);
    settings.put("value.serializer", ByteArraySerializer.class);
    settings.putAll(more);
    return new KafkaProducer<>(settings);
  }

  private static ProducerRecord<byte[], byte[]> record(String topic) {
    return new ProducerRecord<>(topic, 0, null, new byte[1]);
  }

  private static void send(KafkaProducer<byte[], byte[]> by, String topic) throws Exception {
    by.send(record(topic)).get();
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(bank);
    settings.put("key.deserializer", ByteArrayDeserializer.class);
    settings.put("value.deserializer", ByteArrayDeserializer.class);
    settings.putAll(more);
    return new KafkaConsumer<>(settings);
  }

  private static List<String> read(String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      consumer.seekToBeginning(List.of(partition));
      List<String> read = new ArrayList<>();
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(r -> read.add(r.topic() + r.offset()));
      }
      return read;
    }
  }

  private static void partitions() throws Exception {
    admin.createPartitions(Map.of(OWN, NewPartitions.increaseTo(2))).all().get();
  }

  private static AclBinding everything() {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, "*", PatternType.LITERAL),
        new AccessControlEntry("User:bank", "*", AclOperation.ALL, AclPermissionType.ALLOW));
  }

  private static void transaction() {
    try (KafkaProducer<byte[], byte[]> server =
        producer(Map.of("transactional.id", TOPICS.prefix() + "server"))) {
      server.initTransactions();
    }
  }

  private static void group() {
    try (KafkaConsumer<byte[], byte[]> member =
        consumer(Map.of("group.id", TOPICS.prefix() + "server"))) {
      member.subscribe(List.of(TOPICS.control()));
      for (int i = 0; i < 100; i++) {
        member.poll(Duration.ofMillis(100));
      }
    }
  }

  private static void configure(String topic) throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(
                    new AlterConfigOp(
                        new ConfigEntry("retention.ms", "1"), AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  private static void password() throws Exception {
    admin
        .alterUserScramCredentials(
            List.of(
                new UserScramCredentialUpsertion(
                    "server",
                    new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                    "taken-over")))
        .all()
        .get();
  }

  private static void forget(String topic) throws Exception {
    admin
        .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(0)))
        .all()
        .get();
  }
}
