package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.error.SitsOut;
import fedllm.api.error.Unreachable;
import fedllm.api.tensor.Unit;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.format.SafetensorsWriter;
import fedllm.format.Sha256;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.PayloadReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/**
 * Brings what a server must not lose into the log, and back to a server that has no file of it, on
 * the same machine or another. One thread.
 */
final class Keeping {

  private static final long PATIENCE_MS = 60_000;

  private final Transport transport;
  private final Post post;
  private final String topic;
  private final Places places;

  Keeping(Transport transport, Post post, String topic, Places places) {
    this.transport = transport;
    this.post = post;
    this.topic = topic;
    this.places = places;
  }

  /** Keeps a file as it is, whose SHA-256 is known. */
  Event.Kept file(Attempt attempt, Path file, String sha256) {
    ChunkLog log = new ChunkLog(post, topic, attempt, "");
    int chunks = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      for (byte[] chunk = in.readNBytes(Transport.CHUNK_BYTES);
          chunk.length > 0;
          chunk = in.readNBytes(Transport.CHUNK_BYTES)) {
        log.add(chunk);
        chunks++;
      }
      long first = log.end();
      places.reached(topic, log.next());
      return new Event.Kept(topic, first, chunks, Files.size(file), sha256);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /** Writes a file that was kept, whole or not at all. */
  void restore(Attempt attempt, Event.Kept kept, Path file) {
    try {
      Files.createDirectories(file.getParent());
      Path partial = file.resolveSibling("." + file.getFileName() + ".partial");
      try (OutputStream out = Files.newOutputStream(partial);
          WritableByteChannel channel = Channels.newChannel(out)) {
        read(
            attempt,
            kept,
            chunk -> {
              try {
                channel.write(chunk);
              } catch (IOException e) {
                throw new UncheckedIOException(partial + " cannot be written", e);
              }
            });
      }
      if (!Sha256.hex(partial).equals(kept.sha256())) {
        throw new Ends(kept.topic() + "@" + kept.offset() + " is not what its SHA-256 says");
      }
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /** Writes a global state that was kept to its file; answers the file's SHA-256. */
  String restore(Attempt attempt, Event.Kept kept, GlobalStates states, int round) {
    StateFile file = new StateFile(states, round);
    try {
      PayloadReader reader =
          PayloadReader.trusting(
              "the state of round " + round, null, FrameDecoder.plain(), file::write);
      file.reader = reader;
      read(attempt, kept, reader::read);
      reader.end(kept.bytes(), kept.sha256());
      return file.writer.appear();
    } catch (SitsOut e) { // what a reader says of a silo's payload
      throw new Ends(e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("a global state cannot be written", e);
    } finally {
      file.close();
    }
  }

  private static final class StateFile {
    private final GlobalStates states;
    private final int round;
    private PayloadReader reader;
    private SafetensorsWriter writer;

    StateFile(GlobalStates states, int round) {
      this.states = states;
      this.round = round;
    }

    void write(Unit unit, float[] values) {
      try {
        if (writer == null) {
          writer = states.writer(round, reader.schema());
        }
        writer.write(unit, values);
      } catch (IOException e) {
        throw new UncheckedIOException("a global state cannot be written", e);
      }
    }

    void close() {
      try {
        if (writer != null) {
          writer.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("a global state cannot be written", e);
      }
    }
  }

  /** Gives the chunks in order; what a deposed server wrote between them is passed over. */
  private void read(Attempt attempt, Event.Kept kept, Consumer<ByteBuffer> chunks) {
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(kept.topic(), kept.offset());
      long until = System.nanoTime() + PATIENCE_MS * 1_000_000;
      for (int next = 0; next < kept.chunks(); ) {
        for (Record record : receiver.poll(100)) {
          until = System.nanoTime() + PATIENCE_MS * 1_000_000;
          if (next < kept.chunks() && Post.isChunk(record, attempt, next)) {
            Post.checkChunk(record, next++);
            chunks.accept(record.body());
          }
        }
        if (System.nanoTime() > until) {
          throw new Unreachable(kept.topic() + "@" + kept.offset() + " does not come back");
        }
      }
    }
  }
}
