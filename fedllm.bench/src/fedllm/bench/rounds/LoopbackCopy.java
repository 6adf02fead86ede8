package fedllm.bench.rounds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The limit: bytes through a TCP connection on this machine, with nothing around them. */
public final class LoopbackCopy {

  private static final int BUFFER_BYTES = 1 << 20;

  private LoopbackCopy() {}

  /** Copies so many bytes once. */
  public static Figures of(long bytes) {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> read(server, bytes));
      try (SocketChannel out = SocketChannel.open(server.getLocalAddress())) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        return Figures.of(
            bytes,
            List.of(ProcessHandle.current()),
            () -> {
              write(out, buffer, bytes);
              reading.join();
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(SocketChannel out, ByteBuffer buffer, long bytes) {
    try {
      for (long left = bytes; left > 0; ) {
        buffer.clear().limit((int) Math.min(BUFFER_BYTES, left));
        while (buffer.hasRemaining()) {
          left -= out.write(buffer);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void read(ServerSocketChannel server, long bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try (SocketChannel in = server.accept()) {
      for (long left = bytes; left > 0; ) {
        left -= in.read(buffer.clear());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
