package fedllm.transport.kafka;

import static org.apache.kafka.common.config.SslConfigs.SSL_CIPHER_SUITES_CONFIG;
import static org.apache.kafka.common.config.SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG;
import static org.apache.kafka.common.config.SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG;
import static org.apache.kafka.common.config.SslConfigs.SSL_KEYSTORE_PASSWORD_CONFIG;
import static org.apache.kafka.common.config.SslConfigs.SSL_KEYSTORE_TYPE_CONFIG;
import static org.apache.kafka.common.config.SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG;
import static org.apache.kafka.common.config.SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG;

import fedllm.api.error.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;

/**
 * Who we are to a broker, and what of it can be checked before one is asked. What is secret comes
 * into no message.
 */
final class Credentials {

  /**
   * Twice as fast as with keys of 256 bits. A broker that prefers others would choose them, were
   * they offered.
   */
  private static final String FAST_CIPHERS =
      "TLS_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"
          + "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";

  private static final String PEM = "PEM";
  private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----";
  private static final Pattern USER = Pattern.compile("\\busername\\s*=\\s*\"?([^\"\\s;]+)");
  private static final Pattern PASSWORD =
      Pattern.compile("\\bpassword\\s*=\\s*(?:\"([^\"]*)\"|([^\\s;]+))");
  private static final int SHORTEST_SECRET = 4;

  private final Map<String, String> settings;
  private final String protocol;
  private final X509Certificate own;

  /** Refuses what cannot work: a file that is not there, a certificate that has expired. */
  Credentials(Map<String, String> given) {
    settings = new HashMap<>(given);
    protocol =
        settings.getOrDefault(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "PLAINTEXT").strip();
    typeByName(SSL_KEYSTORE_LOCATION_CONFIG, SSL_KEYSTORE_TYPE_CONFIG);
    typeByName(SSL_TRUSTSTORE_LOCATION_CONFIG, SSL_TRUSTSTORE_TYPE_CONFIG);
    if (tls()) {
      settings.putIfAbsent(SSL_CIPHER_SUITES_CONFIG, FAST_CIPHERS);
    }
    requireFile(SSL_TRUSTSTORE_LOCATION_CONFIG, SSL_TRUSTSTORE_TYPE_CONFIG);
    requireFile(SSL_KEYSTORE_LOCATION_CONFIG, SSL_KEYSTORE_TYPE_CONFIG);
    own = certificate();
    if (own != null) {
      refuseOutOfDate(own);
    }
  }

  /** The settings, with what follows from them. */
  Map<String, String> settings() {
    return Collections.unmodifiableMap(settings);
  }

  String protocol() {
    return protocol;
  }

  /** Whether the broker is spoken to by TLS. */
  boolean tls() {
    return protocol.toUpperCase(Locale.ROOT).endsWith("SSL");
  }

  /** Whether a user and a password say who we are. */
  boolean sasl() {
    return protocol.toUpperCase(Locale.ROOT).startsWith("SASL");
  }

  /** As brokers name us that have no rules of their own for the names of certificates. */
  String principal() {
    if (sasl()) {
      Matcher user = USER.matcher(settings.getOrDefault(SaslConfigs.SASL_JAAS_CONFIG, ""));
      return user.find() ? "User:" + user.group(1) : "User:?";
    }
    return own == null ? "User:ANONYMOUS" : "User:" + own.getSubjectX500Principal().getName();
  }

  /** A text without what is secret, wherever it came from. */
  String withoutSecrets(String text) {
    String clean = text;
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      if (isSecret(setting.getKey())) {
        clean = without(clean, setting.getValue());
      }
    }
    Matcher password = PASSWORD.matcher(settings.getOrDefault(SaslConfigs.SASL_JAAS_CONFIG, ""));
    while (password.find()) {
      clean = without(clean, password.group(1) == null ? password.group(2) : password.group(1));
    }
    return clean;
  }

  /** Whether nobody else may read a setting's value. */
  static boolean isSecret(String key) {
    return key.endsWith("password")
        || key.endsWith(SaslConfigs.SASL_JAAS_CONFIG)
        || key.endsWith("ssl.keystore.key");
  }

  private static String without(String text, String secret) {
    return secret == null || secret.length() < SHORTEST_SECRET
        ? text
        : text.replace(secret, "[hidden]");
  }

  private void typeByName(String location, String type) {
    String file = settings.getOrDefault(location, "");
    if (file.endsWith(".pem") || file.endsWith(".crt")) {
      settings.putIfAbsent(type, PEM);
    } else if (file.endsWith(".p12") || file.endsWith(".pfx")) {
      settings.putIfAbsent(type, "PKCS12");
    }
  }

  private void requireFile(String location, String type) {
    String file = settings.get(location);
    if (file == null) {
      return;
    }
    if (!Files.isReadable(Path.of(file))) {
      throw new Refused(
          "the Kafka settings: " + location + " is " + file + ", which cannot be read");
    }
    if (PEM.equals(settings.get(type)) && !text(file).contains(CERTIFICATE)) {
      throw new Refused(
          "the Kafka settings: " + location + " is " + file + ", in which no certificate begins");
    }
  }

  private X509Certificate certificate() {
    String file = settings.get(SSL_KEYSTORE_LOCATION_CONFIG);
    String chain = settings.get(SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG);
    try {
      if (chain != null) {
        return ofPem(chain);
      }
      if (file == null) {
        return null;
      }
      if (!PEM.equals(settings.get(SSL_KEYSTORE_TYPE_CONFIG))) {
        return ofStore(file);
      }
      String text = text(file);
      if (!text.contains("PRIVATE KEY-----")) {
        throw new Refused(
            "the Kafka settings: "
                + file
                + " has no private key; put key and certificates into one file (cat tls.key"
                + " tls.crt)");
      }
      return ofPem(text);
    } catch (GeneralSecurityException | IOException e) {
      String why = e.getMessage() == null ? "" : ": " + e.getMessage();
      throw new Refused(
          withoutSecrets(
              "the Kafka settings: "
                  + SSL_KEYSTORE_LOCATION_CONFIG
                  + " is "
                  + file
                  + ", which does not open with "
                  + SSL_KEYSTORE_TYPE_CONFIG
                  + "="
                  + settings.getOrDefault(SSL_KEYSTORE_TYPE_CONFIG, "JKS")
                  + " and the password given"
                  + why));
    }
  }

  private X509Certificate ofStore(String file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(settings.getOrDefault(SSL_KEYSTORE_TYPE_CONFIG, "JKS"));
    String password = settings.get(SSL_KEYSTORE_PASSWORD_CONFIG);
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      store.load(in, password == null ? null : password.toCharArray());
    }
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias) && store.getCertificate(alias) instanceof X509Certificate mine) {
        return mine;
      }
    }
    throw new Refused("the Kafka settings: " + file + " holds no key with a certificate");
  }

  /** The first of a chain is one's own. */
  private static X509Certificate ofPem(String text) throws GeneralSecurityException {
    int begins = text.indexOf(CERTIFICATE);
    byte[] bytes = text.substring(Math.max(0, begins)).getBytes(StandardCharsets.ISO_8859_1);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(bytes));
  }

  private static void refuseOutOfDate(X509Certificate own) {
    Instant now = Instant.now();
    String who = own.getSubjectX500Principal().getName();
    if (now.isAfter(own.getNotAfter().toInstant())) {
      throw new Refused(
          "the Kafka settings: our certificate "
              + who
              + " expired at "
              + own.getNotAfter().toInstant()
              + "; get a new one");
    }
    if (now.isBefore(own.getNotBefore().toInstant())) {
      throw new Refused(
          "the Kafka settings: our certificate "
              + who
              + " is not valid before "
              + own.getNotBefore().toInstant()
              + "; is this machine's clock right?");
    }
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new Refused("the Kafka settings: " + file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
