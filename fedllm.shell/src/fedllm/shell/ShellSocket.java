package fedllm.shell;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets this user's programs talk to the node, over a Unix domain socket: a line in is a Gogo
 * command; its output comes back, then a line of {@code U+0004} and {@code ok}, or of {@code
 * U+0004}, {@code error: } and the message, whose line ends are {@code U+2028}. A connection is a
 * session, with a thread of its own; input that ends ends it once every line is answered.
 */
@Component(service = ShellSocket.class, immediate = true)
public final class ShellSocket implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ShellSocket.class);

  private final Path path;
  private final CommandProcessor processor;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  /** Listens at the path that the framework property {@code fedllm.shell} gives. */
  @Activate
  public ShellSocket(BundleContext context, @Reference CommandProcessor processor)
      throws IOException {
    this(path(context.getProperty("fedllm.shell")), processor);
  }

  /** Listens at a path. */
  public ShellSocket(Path path, CommandProcessor processor) throws IOException {
    this.path = path;
    this.processor = processor;
    server = SocketFile.listen(path);
    start("fedllm-shell", this::accept);
    LOG.info("The shell answers at {}", path);
  }

  private static Path path(String property) {
    if (property == null) {
      throw new IllegalStateException("the property fedllm.shell must say where the shell listens");
    }
    return Path.of(property);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        connections.add(connection);
        start("fedllm-shell-session", () -> converse(connection));
      }
    } catch (ClosedChannelException e) {
      LOG.debug("The shell at {} is closed", path);
    } catch (IOException e) {
      LOG.error("The shell at {} takes no more connections", path, e);
    }
  }

  private void converse(SocketChannel connection) {
    try (connection) {
      new Conversation(connection, processor).hold();
    } catch (IOException e) {
      LOG.debug("A shell session broke off", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(connection);
    }
  }

  @Deactivate
  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
    Files.deleteIfExists(path);
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
