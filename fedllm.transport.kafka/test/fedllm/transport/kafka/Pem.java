package fedllm.transport.kafka;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** A key and its certificates out of one file, for a server that is none of Kafka's. */
final class Pem {

  private static final String KEY = "PRIVATE KEY-----";

  private Pem() {}

  static KeyStore store(Path file) throws IOException, GeneralSecurityException {
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    int begins = text.indexOf(KEY) + KEY.length();
    byte[] key =
        Base64.getMimeDecoder().decode(text.substring(begins, text.indexOf("-----END", begins)));
    PrivateKey mine = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
    String chain = text.substring(text.indexOf("-----BEGIN CERTIFICATE"));
    Certificate[] certificates =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(chain.getBytes(StandardCharsets.US_ASCII)))
            .toArray(new Certificate[0]);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("key", mine, new char[0], certificates);
    return store;
  }
}
