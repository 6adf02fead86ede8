package fedllm.runtime.publish;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.bundle.Gate;
import fedllm.runtime.bundle.PluginBundle;
import fedllm.runtime.bundle.Seal;
import fedllm.runtime.message.Notice;
import fedllm.runtime.message.Post;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Carries published bundles from the log into a plugins folder, each whole or not at all, and takes
 * them out again. One thread.
 */
final class Delivery {

  /** How long a piece that the log has may take. */
  private static final long PATIENCE_NS = 60_000_000_000L;

  private static final long POLL_MS = 200;

  private final Transport transport;
  private final String topic;
  private final Path folder;
  private final String part;
  private final Gate gate;

  /**
   * Clears away what a killed node of this name left half.
   *
   * @param node several may share a folder
   */
  Delivery(Transport transport, String topic, Path folder, String node, Gate gate)
      throws IOException {
    this.transport = transport;
    this.topic = topic;
    this.folder = folder;
    this.part = "." + node + ".part";
    this.gate = gate;
    try (DirectoryStream<Path> halves = Files.newDirectoryStream(folder, ".*" + part)) {
      for (Path half : halves) {
        Files.delete(half);
      }
    }
  }

  private Path file(Notice notice) {
    return folder.resolve(notice.name() + "-" + notice.version() + Gate.PUBLISHED);
  }

  /**
   * Puts a bundle into the folder, if it is what the notice says and the gate lets it in.
   *
   * @throws Refused saying why not; may be told to others
   */
  void install(Notice.Published published) throws IOException {
    gate.checkWire();
    Seal seal = published.signature().isEmpty() ? null : Seal.parse(published.signature());
    PluginBundle bundle = new PluginBundle(read(published), seal);
    if (!bundle.sha256().equals(published.sha256())) {
      throw new Refused("its bytes have another SHA-256 than its notice says");
    }
    Path target = file(published);
    gate.check(bundle, target.getFileName().toString());
    if (!bundle.identity().toString().equals(published.bundle())) {
      throw new Refused("it was published as another bundle than it is: " + bundle.identity());
    }
    if (seal == null) {
      Files.deleteIfExists(Seal.beside(target));
    } else { // before the jar, which is looked at as soon as it is there
      write(Seal.beside(target), (seal.line() + "\n").getBytes(StandardCharsets.ISO_8859_1));
    }
    write(target, bundle.bytes());
  }

  /** Takes a bundle out that came this way. */
  void remove(Notice notice) throws IOException {
    Files.deleteIfExists(file(notice));
    Files.deleteIfExists(Seal.beside(file(notice)));
  }

  private void write(Path target, byte[] bytes) throws IOException {
    Path half = folder.resolve("." + target.getFileName() + part);
    try (FileChannel out =
        FileChannel.open(
            half,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
        out.write(left);
      }
      out.force(true);
    }
    Files.move(half, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private byte[] read(Notice.Published published) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int next = 0;
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(topic, published.offset());
      long until = System.nanoTime() + PATIENCE_NS;
      while (next < published.chunks() && System.nanoTime() < until) {
        for (Record record : receiver.poll(POLL_MS)) {
          if (next < published.chunks()) {
            Post.checkChunk(record, next++);
            append(bytes, record.body(), published.bytes());
          }
        }
      }
    } catch (SitsOut e) {
      throw new Refused("its pieces in the log are not whole: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new Refused("its pieces are not where its notice says", e);
    }
    if (bytes.size() != published.bytes()) {
      throw new Refused("the log has " + bytes.size() + " of its " + published.bytes() + " bytes");
    }
    return bytes.toByteArray();
  }

  private static void append(ByteArrayOutputStream bytes, ByteBuffer body, long most) {
    if (bytes.size() + body.remaining() > most) {
      throw new Refused("its pieces have more bytes than its notice says");
    }
    byte[] piece = new byte[body.remaining()];
    body.duplicate().get(piece);
    bytes.writeBytes(piece);
  }
}
