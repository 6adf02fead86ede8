package fedllm.cli.node;

import fedllm.api.error.Refused;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import java.util.Set;

/** What a user says to Kafka's clients, in a file, since a command line is seen by everybody. */
public final class ClientProperties {

  private ClientProperties() {}

  /**
   * Reads a user's file.
   *
   * @param file may be null
   * @param bootstrap counts before what the file says
   */
  public static Properties read(Path file, String bootstrap) throws IOException {
    Properties properties = new Properties();
    if (file != null) {
      if (!Files.exists(file)) {
        throw new Refused("there is no " + file);
      }
      try (Reader in = Files.newBufferedReader(file)) {
        properties.load(in);
      } catch (IllegalArgumentException e) {
        throw new Refused(file + " cannot be read: a \\u is not followed by four hex digits");
      }
      warnOfOtherReaders(file, properties);
    }
    properties.setProperty("bootstrap.servers", bootstrap);
    return properties;
  }

  /** Writes them where only their owner reads. */
  public static void write(Properties properties, Path file) throws IOException {
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    try (Writer out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
  }

  private static void warnOfOtherReaders(Path file, Properties properties) throws IOException {
    boolean secret =
        properties.stringPropertyNames().stream()
            .anyMatch(
                key ->
                    key.endsWith("password")
                        || key.endsWith("sasl.jaas.config")
                        || key.endsWith("ssl.keystore.key"));
    Set<PosixFilePermission> may = Files.getPosixFilePermissions(file);
    if (secret && may.contains(PosixFilePermission.OTHERS_READ)) {
      System.err.println(
          "fedllm: everybody on this machine may read "
              + file
              + ", which holds a secret: chmod 600");
    }
  }
}
