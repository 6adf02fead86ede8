package fedllm.runtime.message;

import fedllm.api.error.SitsOut;
import fedllm.api.run.DeedView;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.zip.CRC32C;

/** Writes records with headers that a person can read with any tool. Safe for many threads. */
public final class Post {

  /** The header that says what a record is. */
  public static final String KIND = "kind";

  /** The kind of a record that carries a piece of tensors. */
  public static final String CHUNK = "chunk";

  /** The header of a chunk that says at which offset the BEGIN of its upload lies. */
  public static final String BEGIN = "begin";

  private final Sender sender;
  private final String term;
  private volatile CompletableFuture<Long> unawaited = CompletableFuture.completedFuture(0L);

  /** Writes a silo's words, with a sender that stays the caller's. */
  public Post(Sender sender) {
    this(sender, 0);
  }

  /** Writes the events of a server that leads in a term, with a sender that stays the caller's. */
  public Post(Sender sender, long term) {
    this.sender = sender;
    this.term = Long.toString(term);
  }

  /** Appends an event to the control topic; answers its offset once the log has it. */
  public long event(String topic, Event event) {
    CompletableFuture<Long> sent = append(topic, event);
    await(unawaited);
    return await(sent);
  }

  /**
   * Appends an event without waiting: the log has it before any that is appended later. Should it
   * fail, so does the next that is waited for.
   */
  public void later(String topic, Event event) {
    unawaited = unawaited.thenCombine(append(topic, event), Math::max);
  }

  private CompletableFuture<Long> append(String topic, Event event) {
    String kind = event.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    Map<String, String> headers = headers(kind, "application/json");
    headers.put(Terms.TERM, term);
    return sender.send(topic, headers, Json.write(Event.class, event));
  }

  /** Appends a silo's word to its topic; answers its offset once the log has it. */
  public long word(String topic, Word word) {
    String kind = word.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    return await(
        sender.send(topic, headers(kind, "application/json"), Json.write(Word.class, word)));
  }

  /** Appends a notice about a bundle; answers its offset once the log has it. */
  public long notice(String topic, Notice notice) {
    String kind = notice.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    return await(
        sender.send(topic, headers(kind, "application/json"), Json.write(Notice.class, notice)));
  }

  /** Appends what somebody did, once the log has it. */
  public void deed(String topic, DeedView deed) {
    await(
        sender.send(topic, headers("deed", "application/json"), Json.write(DeedView.class, deed)));
  }

  /** Waits for the log; what failed is thrown as it is. */
  public static long await(CompletableFuture<Long> sent) {
    try {
      return sent.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Appends piece {@code i}, from 0, of the tensors that belong to an attempt. */
  public CompletableFuture<Long> chunk(
      String topic, Attempt attempt, int i, String codecs, byte[] bytes) {
    return sender.send(topic, chunkHeaders(attempt, i, codecs, bytes), bytes);
  }

  /** Appends piece {@code i}, from 0, of the upload whose BEGIN lies at an offset. */
  public CompletableFuture<Long> chunk(
      String topic, Attempt attempt, long begin, int i, String codecs, byte[] bytes) {
    Map<String, String> headers = chunkHeaders(attempt, i, codecs, bytes);
    headers.put(BEGIN, Long.toString(begin));
    return sender.send(topic, headers, bytes);
  }

  /**
   * Appends piece {@code i} of the update of one of a gateway's clients, in the delivery whose
   * BEGIN lies at an offset.
   *
   * @param claim what {@link Claim} puts into the headers
   */
  public CompletableFuture<Long> chunk(
      String topic, Attempt attempt, long begin, int i, String codecs, byte[] bytes, Claim claim) {
    Map<String, String> headers = chunkHeaders(attempt, i, codecs, bytes);
    headers.put(BEGIN, Long.toString(begin));
    claim.write(headers);
    return sender.send(topic, headers, bytes);
  }

  private static Map<String, String> chunkHeaders(
      Attempt attempt, int i, String codecs, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    Map<String, String> headers = headers(CHUNK, "application/x-safetensors");
    headers.put("run", attempt.run());
    headers.put("round", Integer.toString(attempt.round()));
    headers.put("attempt", Integer.toString(attempt.number()));
    headers.put("chunk", Integer.toString(i));
    headers.put("codecs", codecs);
    headers.put("crc32c", Long.toHexString(crc.getValue()));
    return headers;
  }

  /** Appends piece {@code i}, from 0, of a plugin's bundle. */
  public CompletableFuture<Long> piece(String topic, String sha256, int i, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    Map<String, String> headers = headers(CHUNK, "application/java-archive");
    headers.put("sha256", sha256);
    headers.put("chunk", Integer.toString(i));
    headers.put("crc32c", Long.toHexString(crc.getValue()));
    return sender.send(topic, headers, bytes);
  }

  /** Whether a record says that it is piece {@code i} of what belongs to an attempt. */
  public static boolean isChunk(Record record, Attempt attempt, int i) {
    Map<String, String> headers = record.headers();
    return CHUNK.equals(headers.get(KIND))
        && attempt.run().equals(headers.get("run"))
        && Integer.toString(attempt.number()).equals(headers.get("attempt"))
        && Integer.toString(i).equals(headers.get("chunk"));
  }

  /** Throws {@link SitsOut} unless a record is the whole piece {@code i}. */
  public static void checkChunk(Record record, int i) {
    String where = record.topic() + "@" + record.offset();
    if (!CHUNK.equals(record.headers().get(KIND))
        || !Integer.toString(i).equals(record.headers().get("chunk"))) {
      throw new SitsOut(
          where + ": chunk " + record.headers().get("chunk") + " came where " + i + " was due");
    }
    CRC32C crc = new CRC32C();
    crc.update(record.body().duplicate());
    if (!Long.toHexString(crc.getValue()).equals(record.headers().get("crc32c"))) {
      throw new SitsOut(where + ": chunk " + i + " has another CRC than it says");
    }
  }

  private static Map<String, String> headers(String kind, String type) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(KIND, kind);
    headers.put("content-type", type);
    headers.put("fedllm", "1");
    return headers;
  }
}
