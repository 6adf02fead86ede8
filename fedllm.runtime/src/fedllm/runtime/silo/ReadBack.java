package fedllm.runtime.silo;

import fedllm.api.planner.Task;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log already holds of a silo's answer to an order, because the silo gave it before it was
 * started again. One thread.
 */
final class ReadBack {

  private static final Logger LOG = LoggerFactory.getLogger(ReadBack.class);

  /** A chunk as it is recognised by. */
  record Piece(int bytes, long crc) {

    static Piece of(ByteBuffer body) {
      CRC32C crc = new CRC32C();
      crc.update(body.duplicate());
      return new Piece(body.remaining(), crc.getValue());
    }
  }

  private final Attempt attempt;
  private final List<Piece> pieces = new ArrayList<>();
  private Word.Begin begin;
  private long beginAt = -1;
  private boolean reported;
  private boolean whole;
  private boolean out;

  private ReadBack(Attempt attempt) {
    this.attempt = attempt;
  }

  /** Where nothing can be in the log yet. */
  static ReadBack nothing(Attempt attempt) {
    return new ReadBack(attempt);
  }

  /**
   * Reads a topic that the caller alone writes to.
   *
   * @param from where the order's first word may lie
   * @param until a record that is in the log by now; nothing that follows is read
   * @param wanted throws when the order is no longer wanted
   */
  static ReadBack of(
      Transport transport, String topic, Attempt attempt, long from, long until, Patience wanted) {
    ReadBack read = new ReadBack(attempt);
    try (Receiver receiver = transport.receiver()) {
      wanted.ask(
          "read back " + topic,
          () -> {
            receiver.follow(topic, Math.min(from, until));
            return null;
          });
      for (long at = -1; at < until; ) {
        wanted.check();
        for (Record record : receiver.poll(100)) {
          read.take(record);
          at = record.offset();
        }
      }
    }
    if (read.beginAt >= 0 || read.reported || read.out) {
      LOG.info(
          "{}: the log holds {}{} and {} chunks{}",
          attempt,
          read.reported ? "a report, " : "",
          read.out ? "that this silo sits out" : read.whole ? "the whole update" : "a beginning",
          read.pieces.size(),
          read.beginAt >= 0 ? " since " + topic + "@" + read.beginAt : "");
    }
    return read;
  }

  private void take(Record record) {
    if (Post.CHUNK.equals(record.headers().get(Post.KIND))) {
      takeChunk(record.headers(), record.body());
      return;
    }
    try {
      take(Json.read(Word.class, record.body()), record.offset());
    } catch (IOException | IllegalArgumentException e) { // a later version of this silo wrote it
      LOG.debug("{}@{} is passed over", record.topic(), record.offset(), e);
    }
  }

  private void take(Word word, long at) {
    if (word instanceof Word.Begin said && said.attempt().equals(attempt)) {
      begin = said;
      beginAt = at;
      pieces.clear();
    } else if (word instanceof Word.Manifest said && said.attempt().equals(attempt)) {
      whole = true;
    } else if (word instanceof Word.Report said && said.attempt().equals(attempt)) {
      reported = true;
    } else if (word instanceof Word.Out said && said.attempt().equals(attempt)) {
      out = true;
    }
  }

  /** The pieces of the newest beginning, as the server takes them: in order, each once. */
  private void takeChunk(Map<String, String> headers, ByteBuffer body) {
    Piece piece = Piece.of(body);
    if (Long.toString(beginAt).equals(headers.get(Post.BEGIN))
        && Integer.toString(pieces.size()).equals(headers.get("chunk"))
        && Long.toHexString(piece.crc()).equals(headers.get("crc32c"))) {
      pieces.add(piece);
    }
  }

  /** Whether nothing is left to do of what was asked. */
  boolean answers(Set<Task> tasks) {
    boolean uploads = tasks.contains(Task.TRAIN) || tasks.contains(Task.INITIALISE);
    return out || (uploads ? whole : reported);
  }

  /** Whether what the silo measured is there. */
  boolean reported() {
    return reported;
  }

  /** What the newest upload began with; null where none did. */
  Word.Begin begin() {
    return begin;
  }

  /** The offset of that. */
  long beginAt() {
    return beginAt;
  }

  /** What is there of that upload, in order. */
  List<Piece> pieces() {
    return pieces;
  }
}
