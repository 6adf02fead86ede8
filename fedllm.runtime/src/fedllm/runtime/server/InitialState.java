package fedllm.runtime.server;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Unit;
import fedllm.api.transport.Record;
import fedllm.format.SafetensorsWriter;
import fedllm.runtime.message.Word;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.PayloadReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;

/** A run's first global state on its way from a silo into a file. One thread. */
final class InitialState implements AutoCloseable {

  /** What a file may be called that a silo wants beside the result. */
  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final String client;
  private final Word.Begin begin;
  private final GlobalStates states;
  private final PayloadReader reader;
  private final Pieces pieces;
  private SafetensorsWriter writer;

  /** Nothing of it has come yet; {@code at} is the offset of the BEGIN record. */
  InitialState(String client, Word.Begin begin, long at, GlobalStates states) {
    this.pieces = new Pieces(at);
    this.client = client;
    this.begin = begin;
    this.states = states;
    this.reader = new PayloadReader(client, null, FrameDecoder.plain(), this::write);
  }

  private void write(Unit unit, float[] values) {
    try {
      if (writer == null) {
        writer = states.writer(0, reader.schema());
      }
      writer.write(unit, values);
    } catch (IOException e) {
      throw new UncheckedIOException("the initial state cannot be written", e);
    }
  }

  void chunk(Record record) {
    if (pieces.takes(record)) {
      reader.read(record.body().duplicate());
    }
  }

  /** The state is whole; answers the file's SHA-256. */
  String end(Word.Manifest manifest) {
    reader.end(manifest.bytes(), manifest.sha256());
    if (writer == null) {
      throw new SitsOut(client + ": its initial state holds no tensor");
    }
    for (String file : manifest.files().keySet()) {
      if (!FILE.matcher(file).matches()) {
        throw new SitsOut(client + ": a file beside the initial state cannot be called that way");
      }
    }
    try {
      return writer.appear();
    } catch (IOException e) {
      throw new UncheckedIOException("the initial state cannot be written", e);
    }
  }

  String client() {
    return client;
  }

  Word.Begin begin() {
    return begin;
  }

  @Override
  public void close() {
    if (writer != null) {
      try {
        writer.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
