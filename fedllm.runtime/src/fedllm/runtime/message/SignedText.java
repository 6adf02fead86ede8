package fedllm.runtime.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import fedllm.format.Ed25519;
import fedllm.format.Sha256;
import java.net.URLEncoder;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.TreeMap;

/**
 * What a silo signs of an upload: lines of text that any tool can make again from its BEGIN and its
 * MANIFEST. Names are URL-encoded, so that none can pass for another line; numbers are written as
 * {@code Double.toHexString} does; of a file its SHA-256 counts.
 */
public final class SignedText {

  private final StringBuilder text = new StringBuilder("fedllm manifest 1\n");

  private SignedText(String federation, String silo, Word.Begin begin, Word.Manifest manifest) {
    line("federation", federation);
    line("silo", silo);
    line("run", manifest.attempt().run());
    line("round", manifest.attempt().round());
    line("attempt", manifest.attempt().number());
    line("task", begin.task());
    line("examples", begin.examples());
    line("base", begin.base());
    if (begin.clients() > 0) {
      line("clients", begin.clients());
    }
    line("chunks", manifest.chunks());
    line("bytes", manifest.bytes());
    line("sha256", manifest.sha256());
    line("sent", manifest.sent());
    line("received", manifest.received());
    manifest.afresh().forEach(worker -> line("afresh", worker));
    new TreeMap<>(manifest.metrics())
        .forEach((name, value) -> line("metric " + word(name), Double.toHexString(value)));
    new TreeMap<>(manifest.files())
        .forEach((name, file) -> line("file " + word(name), Sha256.hex(file.getBytes(UTF_8))));
  }

  /** The bytes. */
  public static byte[] of(
      String federation, String silo, Word.Begin begin, Word.Manifest manifest) {
    return new SignedText(federation, silo, begin, manifest).text.toString().getBytes(UTF_8);
  }

  /** A manifest with its signature. */
  public static Word.Manifest sign(
      PrivateKey key, String federation, String silo, Word.Begin begin, Word.Manifest manifest) {
    byte[] signature = Ed25519.sign(key, of(federation, silo, begin, manifest));
    return manifest.signed(Base64.getEncoder().encodeToString(signature));
  }

  private void line(String name, Object value) {
    text.append(name).append(' ').append(word(value.toString())).append('\n');
  }

  private static String word(String said) {
    return URLEncoder.encode(said, UTF_8);
  }
}
