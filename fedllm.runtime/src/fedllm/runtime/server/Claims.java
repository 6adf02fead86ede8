package fedllm.runtime.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import fedllm.api.error.SitsOut;
import fedllm.api.strategy.Member;
import fedllm.api.transport.Record;
import fedllm.format.Sha256;
import fedllm.runtime.message.Claim;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Pass 1 over a gateway's delivery: one client's update after the other, each checked as a silo's
 * own is. One that is wrong does not count, by name, and the others do; what does not fit together
 * as a whole throws {@link SitsOut}. One thread.
 */
final class Claims implements Upload {

  /** What a delivery needs of the door. */
  interface Reception {

    /** Opens the check of one client's update. */
    Arrival open(String client, long examples);

    /** One client's update does not count. */
    void refused(String client, String reason, Record record);
  }

  private final String gateway;
  private final int expected;
  private final long begin;
  private final String beginsAt;
  private final Reception reception;
  private final MessageDigest lines = Sha256.newDigest();
  private final List<Arrival> updates = new ArrayList<>();

  /** The client whose chunks come, counted from 0; -1 before the first. */
  private int client = -1;

  private int lastNumber = -1;

  /** Its update; null where there is none, or none any more. */
  private Arrival open;

  private boolean between = true;
  private long examples;
  private int chunks;
  private long bytes;
  private Word.Manifest manifest;

  /**
   * Nothing has come yet.
   *
   * @param expected of how many clients updates follow
   * @param begin the offset of the BEGIN record
   */
  Claims(String gateway, int expected, long begin, Reception reception) {
    this.gateway = gateway;
    this.expected = expected;
    this.begin = begin;
    this.beginsAt = Long.toString(begin);
    this.reception = reception;
  }

  @Override
  public void chunk(Record record) {
    if (!beginsAt.equals(record.headers().get(Post.BEGIN))) {
      return; // of a delivery that was begun before
    }
    Claim claim = Claim.read(record.headers());
    String name = Claim.name(gateway, claim.number());
    chunks++;
    if (between) {
      opens(claim);
    } else if (claim.client() != client || claim.number() != lastNumber) {
      throw new SitsOut(
          gateway + ": " + name + " begins where " + Claim.name(gateway, lastNumber) + " goes on");
    }
    try {
      if (between) {
        between = false;
        open = reception.open(name, claim.examples());
      }
      if (open != null) {
        open.chunk(record);
      }
      if (claim.isLast()) {
        ends(claim);
      }
    } catch (SitsOut e) {
      open = null;
      reception.refused(name, e.getMessage(), record);
    }
    if (claim.isLast()) {
      lines.update(claim.line().getBytes(UTF_8));
      bytes += claim.bytes();
      between = true;
    }
  }

  private void opens(Claim claim) {
    if (claim.client() != client + 1 || claim.client() >= expected) {
      throw new SitsOut(
          "%s: client %d of its delivery comes where %d of %d is due"
              .formatted(gateway, claim.client(), client + 1, expected));
    }
    if (claim.number() <= lastNumber) {
      throw new SitsOut(
          gateway
              + ": its client "
              + claim.number()
              + " comes after "
              + lastNumber
              + ", and nobody counts twice");
    }
    client = claim.client();
    lastNumber = claim.number();
  }

  private void ends(Claim claim) {
    if (open != null) {
      open.end(open.chunks(), claim.bytes(), claim.sha256());
      if (open.kept() == null) {
        throw new SitsOut(
            "there is no room for its update between the passes; ask fewer clients, or send less");
      }
      updates.add(open);
      examples += open.member().examples();
      open = null;
    }
  }

  @Override
  public void end(Word.Manifest manifestOfAll) {
    if (!between || client + 1 != expected) {
      throw new SitsOut(
          "%s: %d of %d clients' updates came whole"
              .formatted(gateway, client + (between ? 1 : 0), expected));
    }
    if (manifestOfAll.chunks() != chunks
        || manifestOfAll.bytes() != bytes
        || !manifestOfAll.sha256().equals(HexFormat.of().formatHex(lines.digest()))) {
      throw new SitsOut(gateway + ": its delivery is not the one that its manifest signs");
    }
    if (updates.isEmpty()) {
      throw new SitsOut(gateway + ": not one of its clients' updates counts");
    }
    manifest = manifestOfAll;
  }

  @Override
  public void comesLate(int rounds) {
    throw new IllegalStateException("the door lets no gateway in where updates may come late");
  }

  @Override
  public Member member() {
    return new Member(gateway, Math.max(1, examples));
  }

  @Override
  public long begin() {
    return begin;
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
    return updates;
  }
}
