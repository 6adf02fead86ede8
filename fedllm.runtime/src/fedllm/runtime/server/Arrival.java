package fedllm.runtime.server;

import fedllm.api.error.SitsOut;
import fedllm.api.guard.Watch;
import fedllm.api.strategy.Member;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import fedllm.runtime.wire.FrameDecoder;
import fedllm.runtime.wire.PayloadReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Pass 1 over one update, while it arrives: every chunk is decoded and checked. The coded bytes are
 * kept for the fold as long as they fit their share of the scratch; else the log keeps them. One
 * thread.
 */
public final class Arrival implements Upload {

  private final Attempt attempt;
  private Member member;
  private final String topic;
  private final long begin;
  private final Scratch scratch;
  private final long share;
  private final List<Watch> watches;
  private final Schema schema;
  private PayloadReader reader;
  private final Pieces pieces;
  private List<ByteBuffer> kept = new ArrayList<>();
  private long bytes;
  private int chunks;
  private Word.Manifest manifest;

  /**
   * Nothing has arrived yet.
   *
   * @param begin the offset of the BEGIN record
   * @param schema what the update must be
   * @param watches guards at the door, this update's own
   * @param scratch where coded bytes are kept
   * @param share how many of them may be
   */
  Arrival(
      Attempt attempt,
      Member member,
      String topic,
      long begin,
      Schema schema,
      FrameDecoder chain,
      List<Watch> watches,
      Scratch scratch,
      long share) {
    this.attempt = attempt;
    this.member = member;
    this.topic = topic;
    this.begin = begin;
    this.watches = watches;
    this.pieces = new Pieces(begin);
    this.scratch = scratch;
    this.share = share;
    this.schema = schema;
    this.reader = new PayloadReader(member.client(), schema, chain, this::observe);
  }

  /** An update that lies whole in the log and nowhere else, and was checked before. */
  public static Arrival inLog(
      Attempt attempt, Member member, String topic, long begin, Schema schema) {
    Arrival arrival =
        new Arrival(
            attempt, member, topic, begin, schema, FrameDecoder.plain(), List.of(), null, 0);
    arrival.kept = null;
    return arrival;
  }

  private void observe(Unit unit, float[] values) {
    for (Watch watch : watches) {
      watch.observe(unit, values);
    }
  }

  @Override
  public void chunk(Record record) {
    if (!pieces.takes(record)) {
      return;
    }
    Post.checkChunk(record, chunks);
    chunks++;
    bytes += record.body().remaining();
    reader.read(record.body().duplicate());
    keep(record.body());
  }

  /** It is read from the log then. */
  @Override
  public void comesLate(int rounds) {
    member = member.late(rounds);
    kept = null;
  }

  private void keep(ByteBuffer body) {
    if (kept == null) {
      return;
    }
    ByteBuffer copy = bytes > share ? null : scratch.put(body);
    if (copy == null) {
      kept = null;
    } else {
      kept.add(copy);
    }
  }

  @Override
  public void end(Word.Manifest manifestOfIt) {
    end(manifestOfIt.chunks(), manifestOfIt.bytes(), manifestOfIt.sha256());
    manifest = manifestOfIt;
  }

  /** The update is whole and this is what it should be, or {@link SitsOut} is thrown. */
  void end(int chunksOfIt, long bytesOfIt, String sha256) {
    if (chunksOfIt != chunks) {
      throw new SitsOut(
          member.client() + ": " + chunks + " chunks came, the manifest says " + chunksOfIt);
    }
    reader.end(bytesOfIt, sha256);
    reader = null; // its buffers are as large as a block
  }

  Attempt attempt() {
    return attempt;
  }

  @Override
  public Member member() {
    return member;
  }

  /** What it is made of. */
  Schema schema() {
    return schema;
  }

  String topic() {
    return topic;
  }

  @Override
  public long begin() {
    return begin;
  }

  List<Watch> watches() {
    return watches;
  }

  /** The chunks, or null where the log has to be read again. */
  List<ByteBuffer> kept() {
    return kept;
  }

  /** How many chunks it has. */
  int chunks() {
    return chunks;
  }

  @Override
  public boolean whole() {
    return manifest != null;
  }

  @Override
  public Word.Manifest manifest() {
    return manifest;
  }

  @Override
  public List<Arrival> updates() {
    return List.of(this);
  }
}
