package fedllm.runtime.plugin;

import fedllm.api.plugin.Stateful;
import fedllm.format.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What workers remember, kept with the round that made it: one file a round, written whole or not
 * at all; the last few rounds stay. One thread.
 */
public final class States {

  private static final Logger LOG = LoggerFactory.getLogger(States.class);
  private static final int KEPT = 4;

  private final Path folder;

  /** In a folder that is made when there is something to keep. */
  public States(Path folder) {
    this.folder = folder;
  }

  /** The states of workers, by name. */
  public static Map<String, byte[]> snapshot(Map<String, Stateful> workers) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    workers.forEach(
        (name, worker) -> {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          try {
            worker.snapshot(new DataOutputStream(bytes));
          } catch (IOException e) {
            throw new UncheckedIOException("the state of " + name, e);
          }
          all.put(name, bytes.toByteArray());
        });
    return all;
  }

  /** Gives states to workers of the same names; those without one stay fresh. */
  public static void restore(Map<String, Stateful> workers, Map<String, byte[]> states) {
    workers.forEach(
        (name, worker) -> {
          byte[] state = states.get(name);
          if (state != null) {
            try {
              worker.restore(new DataInputStream(new ByteArrayInputStream(state)));
            } catch (IOException e) {
              throw new UncheckedIOException("the state of " + name + " is not understood", e);
            }
          }
        });
  }

  /** Writes the states that a round left, which counts at once; answers the file's SHA-256. */
  public String save(int round, Map<String, Stateful> workers) {
    return save(round, round, workers);
  }

  /**
   * Writes the states that a round left, so that they survive a power cut; answers the file's
   * SHA-256.
   *
   * @param counted the last round whose states somebody may go back to, whatever becomes of this
   *     one
   */
  public String save(int round, int counted, Map<String, Stateful> workers) {
    try {
      Files.createDirectories(folder);
      Path partial = folder.resolve(".state.partial");
      try (FileOutputStream file = new FileOutputStream(partial.toFile());
          DataOutputStream out = new DataOutputStream(new BufferedOutputStream(file))) {
        Map<String, byte[]> states = snapshot(workers);
        out.writeInt(states.size());
        for (Map.Entry<String, byte[]> state : states.entrySet()) {
          out.writeUTF(state.getKey());
          out.writeInt(state.getValue().length);
          out.write(state.getValue());
        }
        out.flush();
        file.getFD().sync();
      }
      Files.move(
          partial,
          file(round),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true); // The new name, too, must survive a power cut.
      }
      forget(round, counted);
      return Sha256.hex(file(round));
    } catch (IOException e) {
      throw new UncheckedIOException("the state of round " + round + " cannot be kept", e);
    }
  }

  /**
   * Gives workers what a round left; where that is lost they start afresh, and the log says so.
   *
   * @return the names of those that start afresh
   */
  public List<String> load(int round, Map<String, Stateful> workers) {
    if (workers.isEmpty()) {
      return List.of();
    }
    Map<String, byte[]> states = new LinkedHashMap<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file(round))))) {
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        states.put(name, in.readNBytes(in.readInt()));
      }
    } catch (IOException e) {
      LOG.warn(
          "the private state of round {} is lost; {} start afresh", round, workers.keySet(), e);
      return List.copyOf(workers.keySet());
    }
    restore(workers, states);
    return List.of();
  }

  /** A few rounds before the last that counted stay, and a few that may still come to count. */
  private void forget(int last, int counted) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.state")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        int round = Integer.parseInt(name.substring(0, name.length() - ".state".length()));
        if (round < counted - KEPT || round > counted && round < last - KEPT) {
          Files.delete(file);
        }
      }
    }
  }

  /** Where the states that a round left are, or belong. */
  public Path file(int round) {
    return folder.resolve(round + ".state");
  }
}
