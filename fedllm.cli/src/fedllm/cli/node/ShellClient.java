package fedllm.cli.node;

import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A session with the shell of a running node. Used by one thread. */
public final class ShellClient implements AutoCloseable {

  private static final int END = 0x04;

  private final SocketChannel channel;
  private final ByteBuffer received = ByteBuffer.allocate(1 << 13).limit(0);

  /** Connects to a node's socket. */
  public ShellClient(Path socket) {
    try {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new Unreachable("no node answers at " + socket + ": " + e.getMessage(), e);
    }
  }

  /** Whether a node listens at a socket. */
  public static boolean answers(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** A word that Gogo takes as it is, whatever characters it has. */
  public static String quoted(String word) {
    return word.replaceAll("[\\x00-\\x7F&&[^A-Za-z0-9/._-]]", "\\\\$0");
  }

  /** What a command prints. */
  public String ask(String line) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ask(line, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * Passes on what a command prints, while it does.
   *
   * @throws Refused with the node's message, when the command failed
   */
  public void ask(String line, OutputStream out) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      String verdict = read(out);
      if (!verdict.equals("ok")) {
        throw new Refused(verdict.replaceFirst("^error: ", "").replace('\u2028', '\n'));
      }
    } catch (IOException e) {
      throw new Unreachable("the node does not answer any more: " + e.getMessage(), e);
    }
  }

  /** Copies up to the verdict, which starts a line with {@link #END}. */
  private String read(OutputStream out) throws IOException {
    boolean lineStarts = true;
    while (true) {
      if (!received.hasRemaining()) {
        out.flush();
        fill();
      }
      byte b = received.get();
      if (lineStarts && b == END) {
        return verdict();
      }
      out.write(b);
      lineStarts = b == '\n';
    }
  }

  private String verdict() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      if (!received.hasRemaining()) {
        fill();
      }
      byte b = received.get();
      if (b == '\n') {
        return line.toString(StandardCharsets.UTF_8);
      }
      line.write(b);
    }
  }

  private void fill() throws IOException {
    received.clear();
    int count = channel.read(received);
    received.flip();
    if (count < 0) {
      received.limit(0);
      throw new IOException("it hung up");
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new Unreachable("the node's shell cannot be left: " + e.getMessage(), e);
    }
  }
}
