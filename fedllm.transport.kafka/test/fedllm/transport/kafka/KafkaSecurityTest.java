package fedllm.transport.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Forbidden;
import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.transport.Right;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.cli.broker.Broker;
import fedllm.cli.broker.Certificates;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told whose TLS, password or rights are wrong, by a broker that allows nothing. */
final class KafkaSecurityTest {

  private static final String PASSWORD = "an-open-sesame";

  private static Certificates certificates;
  private static Certificates others;
  private static Broker broker;

  @TempDir private Path folder;

  @BeforeAll
  static void startBroker(@TempDir Path folder) throws Exception {
    certificates = Certificates.make(folder.resolve("certificates"));
    others = Certificates.make(folder.resolve("others"));
    broker = Broker.startSecure(folder.resolve("broker"), certificates);
    try (Transport transport = new KafkaTransportFactory().open(mutual("admin"))) {
      transport.create("a.topic");
      transport.create("b.topic");
    }
    Map<String, Object> admin = new HashMap<>(new Settings(mutual("admin")).admin());
    try (Admin users = Admin.create(admin)) {
      users
          .alterUserScramCredentials(
              List.of(
                  new UserScramCredentialUpsertion(
                      "bank",
                      new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                      PASSWORD)))
          .all()
          .get();
    }
    try (KafkaAccess access = new KafkaAccess(mutual("admin"))) {
      access.allow(
          List.of(
              new Right(
                  "User:bank",
                  Right.Resource.TOPIC,
                  "a.topic",
                  false,
                  Set.of(Right.Operation.WRITE)),
              new Right(
                  "User:bank",
                  Right.Resource.TOPIC,
                  "b.topic",
                  false,
                  Set.of(Right.Operation.READ))));
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private static Map<String, String> mutual(String name) throws Exception {
    Map<String, String> settings = new HashMap<>(certificates.client(name));
    settings.put("bootstrap.servers", broker.bootstrap());
    return settings;
  }

  private static Map<String, String> scram(String password) {
    return new HashMap<>(
        Map.of(
            "bootstrap.servers",
            broker.scramBootstrap(),
            "security.protocol",
            "SASL_SSL",
            "sasl.mechanism",
            "SCRAM-SHA-512",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"bank\""
                + " password=\""
                + password
                + "\";",
            "ssl.truststore.location",
            certificates.authority().toString()));
  }

  private static Map<String, String> impatient(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("request.timeout.ms", "1000");
    all.put("default.api.timeout.ms", "3000");
    return all;
  }

  private static String said(Map<String, String> settings) {
    try (Transport transport = new KafkaTransportFactory().open(settings)) {
      Unreachable thrown =
          assertThrows(Unreachable.class, () -> transport.topics("a."), "it was let in");
      StringWriter all = new StringWriter();
      thrown.printStackTrace(new PrintWriter(all, true));
      assertFalse(all.toString().contains(PASSWORD), "a secret is in " + all);
      System.out.println(thrown.getMessage());
      return thrown.getMessage();
    }
  }

  private static void assertSays(String said, String... parts) {
    for (String part : parts) {
      assertTrue(said.contains(part), part + " is not in: " + said);
    }
  }

  @Test
  void bothWaysInWork() throws Exception {
    for (Map<String, String> settings : List.of(mutual("bank"), scram(PASSWORD))) {
      try (Transport transport = new KafkaTransportFactory().open(settings);
          Sender sender = transport.sender()) {
        assertEquals(Set.of("a.topic"), transport.topics("a."));
        assertTrue(sender.send("a.topic", Map.of(), new byte[10]).join() >= 0);
      }
    }
  }

  @Test
  void plaintextToATlsPortIsNoTimeOutToGuessAbout() {
    assertSays(
        said(impatient(Map.of("bootstrap.servers", broker.bootstrap()))),
        "It speaks TLS",
        "PLAINTEXT",
        "SSL");
  }

  @Test
  void tlsToAPlaintextPortSaysSo() throws Exception {
    try (Broker open = Broker.start(folder)) {
      Map<String, String> settings = impatient(certificates.client("bank"));
      settings.put("bootstrap.servers", open.bootstrap());
      assertSays(said(settings), "It does not speak TLS", "PLAINTEXT");
    }
  }

  @Test
  void aBrokerOfAnotherAuthorityIsNotTrusted() throws Exception {
    Map<String, String> settings = new HashMap<>(mutual("bank"));
    settings.put("ssl.truststore.location", others.authority().toString());
    assertSays(said(settings), "no authority in ssl.truststore.location signed its certificate");
  }

  @Test
  void aBrokerDoesNotTrustACertificateOfAnotherAuthority() throws Exception {
    Map<String, String> settings = new HashMap<>(mutual("bank"));
    settings.put("ssl.keystore.location", others.of("bank").toString());
    assertSays(said(impatient(settings)), "does not accept our certificate");
  }

  @Test
  void whoHasNoCertificateIsToldToBringOne() throws Exception {
    Map<String, String> settings = new HashMap<>(mutual("bank"));
    settings.remove("ssl.keystore.location");
    assertSays(
        said(impatient(settings)), "does not accept our certificate", "ssl.keystore.location");
  }

  @Test
  void ourOwnExpiredCertificateIsNamedBeforeABrokerIsAsked() throws Exception {
    Map<String, String> settings = new HashMap<>(mutual("bank"));
    settings.put("ssl.keystore.location", certificates.issue("late", 10, 5).toString());
    assertSays(refused(settings), "CN=late", "expired at 20");
  }

  @Test
  void aBrokersExpiredCertificateIsNamed() throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    KeyStore store = Pem.store(certificates.issue("old", 10, 5));
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    try (SSLServerSocket server =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> shakeHands(server));
      answering.setDaemon(true);
      answering.start();
      Map<String, String> settings = new HashMap<>(mutual("bank"));
      settings.put("bootstrap.servers", "127.0.0.1:" + server.getLocalPort());
      assertSays(said(settings), "its certificate has expired");
    }
  }

  private static void shakeHands(SSLServerSocket server) {
    while (!server.isClosed()) {
      try (SSLSocket socket = (SSLSocket) server.accept()) {
        socket.startHandshake();
      } catch (IOException e) {
        // the client hung up, as it should
      }
    }
  }

  @Test
  void aWrongPasswordIsNotRepeated() {
    assertSays(said(scram("not-" + PASSWORD)), "does not accept User:bank", "password");
  }

  @Test
  void whatCannotBeReadIsNamedWithoutWhatIsSecret() throws Exception {
    Map<String, String> torn = scram(PASSWORD);
    torn.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"bank\""
            + " password=two "
            + PASSWORD
            + ";");
    assertSays(refused(torn), "sasl.jaas.config has to be");

    Map<String, String> gone = mutual("bank");
    gone.put("ssl.keystore.location", folder.resolve("gone.pem").toString());
    assertSays(refused(gone), "ssl.keystore.location", "gone.pem", "cannot be read");

    Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing\n");
    Map<String, String> nobody = mutual("bank");
    nobody.put("ssl.truststore.location", empty.toString());
    assertSays(refused(nobody), "ssl.truststore.location", "no certificate");

    Map<String, String> keyless = mutual("bank");
    keyless.put("ssl.keystore.location", certificates.authority().toString());
    assertSays(refused(keyless), "no private key", "cat tls.key tls.crt");

    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Path packed = folder.resolve("mine.p12");
    try (var out = Files.newOutputStream(packed)) {
      store.store(out, "another-password".toCharArray());
    }
    Map<String, String> locked = mutual("bank");
    locked.put("ssl.keystore.location", packed.toString());
    locked.put("ssl.keystore.password", PASSWORD);
    assertSays(refused(locked), "mine.p12", "password");
  }

  private static String refused(Map<String, String> settings) {
    Refused thrown =
        assertThrows(Refused.class, () -> new KafkaTransportFactory().open(settings).close());
    StringWriter all = new StringWriter();
    thrown.printStackTrace(new PrintWriter(all, true));
    assertFalse(all.toString().contains(PASSWORD), "a secret is in " + all);
    System.out.println(thrown.getMessage());
    return thrown.getMessage();
  }

  @Test
  void aMissingRightNamesWhoMayNotDoWhatToWhich() throws Exception {
    try (Transport transport = new KafkaTransportFactory().open(mutual("bank"));
        Sender sender = transport.sender()) {
      Throwable write =
          assertThrows(
                  CompletionException.class,
                  () -> sender.send("b.topic", Map.of(), new byte[1]).join())
              .getCause();
      Forbidden forbidden = assertInstanceOf(Forbidden.class, write);
      assertEquals("User:CN=bank", forbidden.principal());
      assertSays(forbidden.getMessage(), "User:CN=bank", "WRITE", "b.topic");
      assertSays(
          assertThrows(Forbidden.class, () -> transport.create("c.topic")).getMessage(), "c.topic");
      assertSays(
          assertThrows(Forbidden.class, () -> transport.exists("c.topic")).getMessage(),
          "DESCRIBE");
      assertThrows(Forbidden.class, sender::close);
    } catch (Forbidden e) {
      assertSays(e.getMessage(), "b.topic"); // closing says again what was not written
    }
  }
}
