package fedllm.cli.broker;

import fedllm.api.error.Ends;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * An authority of one machine, and the certificates that it gives to a broker and to those who talk
 * to it, as PEM files that their owner alone reads. Made by the JDK's keytool; the authority's key
 * cannot be used again later, since nobody is told its password. One thread.
 */
public final class Certificates {

  private static final String AUTHORITY = "authority";
  private static final String PASSWORD_VARIABLE = "FEDLLM_STORE";
  private static final Base64.Encoder BASE64 =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private final Path folder;
  private final Path store;
  private final String password;

  private Certificates(Path folder) {
    this.folder = folder;
    this.store = folder.resolve("store.p12");
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    this.password = HexFormat.of().formatHex(random);
  }

  /** Makes an authority in a folder that is not there yet. */
  public static Certificates make(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Certificates made = new Certificates(folder.toAbsolutePath());
    made.keytool(AUTHORITY, List.of("-ext", "bc:c", "-startdate", "-1d", "-validity", "3650"));
    Files.writeString(made.authority(), pem("CERTIFICATE", made.chain(AUTHORITY)[0]));
    return made;
  }

  /** The authority's own certificate, which all trust. */
  public Path authority() {
    return folder.resolve("ca.pem");
  }

  /** The key of {@code CN=name} and its certificate, valid for a month. */
  public Path of(String name) throws IOException {
    Path file = folder.resolve(name + ".pem");
    return Files.exists(file) ? file : issue(name, 1, 31);
  }

  /** A certificate that began to be valid some days ago. */
  public Path issue(String name, int daysAgo, int days) throws IOException {
    keytool(
        name,
        List.of(
            "-signer",
            AUTHORITY,
            "-ext",
            "san=ip:127.0.0.1,dns:localhost",
            "-ext",
            "eku=serverAuth,clientAuth",
            "-startdate",
            "-" + daysAgo + "d",
            "-validity",
            Integer.toString(days)));
    Path file = folder.resolve(name + ".pem");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    StringBuilder text = new StringBuilder(key(name));
    for (Certificate certificate : chain(name)) {
      text.append(pem("CERTIFICATE", certificate));
    }
    return Files.writeString(file, text);
  }

  /** What a Kafka client needs to be {@code User:name} by mutual TLS. */
  public Map<String, String> client(String name) throws IOException {
    return Map.of(
        "security.protocol",
        "SSL",
        "ssl.keystore.location",
        of(name).toString(),
        "ssl.truststore.location",
        authority().toString());
  }

  private void keytool(String alias, List<String> more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(
        List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias, "-keyalg", "EC"));
    command.addAll(List.of("-groupname", "secp256r1", "-storetype", "PKCS12"));
    command.addAll(List.of("-keystore", store.toString(), "-storepass:env", PASSWORD_VARIABLE));
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(PASSWORD_VARIABLE, password);
    Process process = builder.start();
    String said;
    try (InputStream out = process.getInputStream()) {
      said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
    try {
      if (process.waitFor() != 0) {
        throw new Ends("keytool made no certificate for " + alias + ": " + said.strip());
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new Ends("interrupted while a certificate was made", e);
    }
  }

  private String key(String alias) throws IOException {
    try {
      return pem("PRIVATE KEY", open().getKey(alias, password.toCharArray()).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("what keytool wrote cannot be read", e);
    }
  }

  private Certificate[] chain(String alias) throws IOException {
    try {
      return open().getCertificateChain(alias);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("what keytool wrote cannot be read", e);
    }
  }

  private KeyStore open() throws IOException, GeneralSecurityException {
    return KeyStore.getInstance(store.toFile(), password.toCharArray());
  }

  private static String pem(String what, Certificate certificate) {
    try {
      return pem(what, certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("what keytool wrote cannot be read", e);
    }
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(what, BASE64.encodeToString(bytes), what);
  }
}
