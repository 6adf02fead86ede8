package fedllm.learning.measure;

import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.format.Sha256;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one client's model wrote, so that measures which ask it the same share one writing. It
 * forgets all when the model's values change, and keeps no more than {@link #MOST_BYTES}: what
 * comes after that is written anew for each measure.
 *
 * <p>Opened for a site, which is one client of one run; used by that client's thread.
 */
final class Writings implements AutoCloseable {

  /** Some 100,000 short answers. */
  static final long MOST_BYTES = 32 << 20;

  /** What an entry takes beside its text, about: key, objects and table. */
  private static final int ENTRY_BYTES = 256;

  private static final IdentityHashMap<Site, Writings> OPEN = new IdentityHashMap<>();

  private final Site site;
  private final long most;
  private final Map<Manner, Map<ByteBuffer, String>> written = new HashMap<>();
  private ByteBuffer state = ByteBuffer.allocate(0);
  private long bytes;
  private int users;

  Writings(Site site, long most) {
    this.site = site;
    this.most = most;
  }

  /**
   * How a model writes.
   *
   * @param maxTokens of an answer
   * @param stops that end it
   * @param talk whether the model's chat template ends it too
   */
  record Manner(int maxTokens, List<String> stops, boolean talk) {}

  /** Those of a site, the same for all who have them open. */
  static Writings open(Site site) {
    synchronized (OPEN) {
      Writings writings = OPEN.computeIfAbsent(site, of -> new Writings(of, MOST_BYTES));
      writings.users++;
      return writings;
    }
  }

  /** Forgets what a model of other values wrote. */
  void of(Tensors values) {
    ByteBuffer now = hash(values);
    if (!now.equals(state)) {
      written.clear();
      bytes = 0;
      state = now;
    }
  }

  /** What was written behind a prompt; null where nothing is known. */
  String find(Manner manner, int[] prompt) {
    return written.getOrDefault(manner, Map.of()).get(hash(prompt));
  }

  void keep(Manner manner, int[] prompt, String text) {
    long taken = ENTRY_BYTES + 2L * text.length();
    if (bytes + taken <= most
        && written.computeIfAbsent(manner, first -> new HashMap<>()).put(hash(prompt), text)
            == null) {
      bytes += taken;
    }
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      if (--users == 0) {
        OPEN.remove(site);
      }
    }
  }

  private static ByteBuffer hash(int[] ids) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length);
    bytes.asIntBuffer().put(ids);
    return ByteBuffer.wrap(Sha256.newDigest().digest(bytes.array()));
  }

  private static ByteBuffer hash(Tensors values) {
    MessageDigest digest = Sha256.newDigest();
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    for (int t = 0; t < values.schema().tensors().size(); t++) {
      FloatBuffer left = FloatBuffer.wrap(values.values(t));
      while (left.hasRemaining()) {
        FloatBuffer piece = left.slice();
        piece.limit(Math.min(piece.remaining(), bytes.capacity() / 4));
        bytes.clear().limit(4 * piece.remaining());
        left.position(left.position() + piece.remaining());
        bytes.asFloatBuffer().put(piece);
        digest.update(bytes);
      }
    }
    return ByteBuffer.wrap(digest.digest());
  }
}
