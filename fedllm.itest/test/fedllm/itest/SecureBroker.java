package fedllm.itest;

import fedllm.api.transport.Transport;
import fedllm.cli.broker.Broker;
import fedllm.cli.broker.Certificates;
import fedllm.runtime.message.Rights;
import fedllm.runtime.message.Topics;
import fedllm.transport.kafka.KafkaAccess;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** A broker that allows a federation's server and silos what the table of rights says. */
final class SecureBroker implements AutoCloseable {

  private final Certificates certificates;
  private final Broker broker;

  SecureBroker(Path folder) throws IOException {
    certificates = Certificates.make(folder.resolve("certificates"));
    broker = Broker.startSecure(folder.resolve("broker"), certificates);
  }

  Broker broker() {
    return broker;
  }

  /** Makes the topics of silos, and lets the users {@code server} and each silo's do their work. */
  void admit(Topics topics, List<String> silos) throws IOException {
    try (KafkaAccess access = new KafkaAccess(certified("admin"))) {
      access.allow(Rights.server(topics, "User:server"));
      for (String silo : silos) {
        access.allow(Rights.silo(topics, silo, "User:" + silo));
      }
    }
    try (Transport transport = new KafkaTransportFactory().open(certified("admin"))) {
      silos.forEach(silo -> transport.create(topics.silo(silo)));
    }
  }

  /** Gives users passwords. */
  void users(Map<String, String> passwords) throws Exception {
    List<UserScramCredentialAlteration> users = new ArrayList<>();
    passwords.forEach(
        (name, password) ->
            users.add(
                new UserScramCredentialUpsertion(
                    name, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password)));
    try (Admin admin = Admin.create(kafka(certified("admin")))) {
      admin.alterUserScramCredentials(users).all().get();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** Of somebody with a certificate. */
  Map<String, String> certified(String name) throws IOException {
    Map<String, String> settings = new HashMap<>(certificates.client(name));
    settings.put("bootstrap.servers", broker.bootstrap());
    return settings;
  }

  /** Of somebody with a password. */
  Map<String, String> known(String user, String password) {
    return Map.of(
        "bootstrap.servers",
        broker.scramBootstrap(),
        "security.protocol",
        "SASL_SSL",
        "sasl.mechanism",
        "SCRAM-SHA-512",
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, password),
        "ssl.truststore.location",
        certificates.authority().toString());
  }

  /** As Kafka's own clients take them, which do not know a file by its name. */
  static Map<String, Object> kafka(Map<String, String> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("ssl.truststore.type", "PEM");
    if (all.containsKey("ssl.keystore.location")) {
      all.put("ssl.keystore.type", "PEM");
    }
    return all;
  }

  static Path write(Map<String, String> settings, Path file) throws IOException {
    Properties properties = new Properties();
    properties.putAll(settings);
    try (Writer out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
    return file;
  }

  @Override
  public void close() {
    broker.close();
  }
}
