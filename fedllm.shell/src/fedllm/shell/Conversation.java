package fedllm.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the shell, held by one thread; another reads ahead to notice a hang-up. */
final class Conversation {

  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
  private static final String END = "\u0004";
  private static final int LINES_AHEAD = 16;

  private final InputStream in;
  private final LineEnds out;
  private final CommandProcessor processor;
  private final String who;
  private final BlockingQueue<Optional<String>> lines = new ArrayBlockingQueue<>(LINES_AHEAD);
  private final CountDownLatch hungUp = new CountDownLatch(1);

  Conversation(SocketChannel connection, CommandProcessor processor) {
    in = SocketStreams.input(connection);
    out = new LineEnds(SocketStreams.output(connection));
    this.processor = processor;
    who = Callers.at(connection);
  }

  /** Answers every line; returns when the input has ended. */
  void hold() throws IOException, InterruptedException {
    Thread reader = new Thread(this::read, "fedllm-shell-reader");
    reader.setDaemon(true);
    reader.start();
    PrintStream console = new PrintStream(out, false, StandardCharsets.UTF_8);
    try (CommandSession session =
        processor.createSession(InputStream.nullInputStream(), console, console)) {
      session.put("SCOPE", "fedllm:*");
      Callers.put(session, who);
      session.put(Watch.HUNG_UP, hungUp);
      Optional<String> line = lines.take();
      while (line.isPresent() && !console.checkError()) {
        String verdict = answer(session, line.get(), console);
        console.flush();
        out.startLine();
        console.print(END + verdict + "\n");
        console.flush();
        line = lines.take();
      }
    } finally {
      reader.interrupt();
    }
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.put(Optional.of(line));
      }
    } catch (IOException e) {
      LOG.debug("A shell session broke off", e);
    } catch (InterruptedException e) {
      return; // nobody listens any more
    } finally {
      hungUp.countDown();
    }
    try {
      lines.put(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // A command may throw anything, also when its bundle has gone; the session outlives it.
  private static String answer(CommandSession session, String line, PrintStream console) {
    try {
      Object result = session.execute(line);
      if (result != null) {
        console.print(session.format(result, Converter.INSPECT));
      }
      return "ok";
    } catch (Exception | LinkageError e) {
      return "error: " + message(line, unwrapped(e)).replaceAll("\\R", "\u2028");
    }
  }

  private static Throwable unwrapped(Throwable thrown) {
    return thrown instanceof InvocationTargetException && thrown.getCause() != null
        ? unwrapped(thrown.getCause())
        : thrown;
  }

  private static String message(String line, Throwable thrown) {
    // By name, because Gogo keeps the class to itself.
    if (thrown.getClass().getSimpleName().equals("CommandNotFoundException")) {
      return thrown.getMessage() + "; help lists the commands";
    }
    if (thrown.getClass().getPackageName().equals("fedllm.api.error")) {
      return thrown.getMessage();
    }
    LOG.error("The shell command \"{}\" failed", line, thrown);
    return thrown.getClass().getName() + ": " + thrown.getMessage();
  }

  /** Knows whether the last byte ended a line. */
  private static final class LineEnds extends OutputStream {

    private final OutputStream out;
    private boolean inLine;

    LineEnds(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      if (count > 0) {
        out.write(bytes, from, count);
        inLine = bytes[from + count - 1] != '\n';
      }
    }

    void startLine() throws IOException {
      if (inLine) {
        write('\n');
      }
    }
  }
}
