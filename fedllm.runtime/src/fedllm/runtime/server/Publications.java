package fedllm.runtime.server;

import fedllm.api.error.Refused;
import fedllm.api.run.BundleState;
import fedllm.api.run.PublishedView;
import fedllm.api.transport.Transport;
import fedllm.runtime.bundle.PluginBundle;
import fedllm.runtime.bundle.Seal;
import fedllm.runtime.message.Notice;
import fedllm.runtime.message.Post;
import fedllm.runtime.publish.Catalogue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Sends bundles through the log, and knows what nodes say of them. The server's thread. */
final class Publications {

  private final Post post;
  private final String topic;
  private final Catalogue catalogue;
  private final Silos silos;
  private final Supplier<List<BundleState>> own;
  private final Map<String, List<BundleState>> reports = new HashMap<>();

  /**
   * Goes on where the log is.
   *
   * @param own how bundles stand at this server itself
   */
  Publications(
      Post post, String topic, Catalogue catalogue, Silos silos, Supplier<List<BundleState>> own) {
    this.post = post;
    this.topic = topic;
    this.catalogue = catalogue;
    this.silos = silos;
    this.own = own;
  }

  /** A silo says how they stand there. */
  void report(String silo, List<BundleState> states) {
    reports.put(silo, states);
  }

  /** Sends a bundle, unless it is what all have already. */
  PublishedView publish(byte[] jar, String signature, String by) {
    if (jar.length > PluginBundle.MAX_BYTES) {
      throw new Refused(
          "the bundle has %d bytes; one has at most %d"
              .formatted(jar.length, PluginBundle.MAX_BYTES));
    }
    Seal seal = signature.isBlank() ? null : Seal.parse(signature);
    PluginBundle bundle = new PluginBundle(jar, seal);
    if (seal != null && !seal.fits(jar)) {
      throw new Refused("its signature does not fit its bytes; sign it anew");
    }
    PluginBundle.Identity identity = bundle.identity();
    String line = seal == null ? "" : seal.line();
    int chunks = (jar.length + Transport.CHUNK_BYTES - 1) / Transport.CHUNK_BYTES;
    Notice.Published draft = notice(bundle, chunks, 0, line, by);
    if (!(catalogue.about(identity.name(), identity.version().toString())
            instanceof Notice.Published before
        && before.sha256().equals(draft.sha256())
        && before.signature().equals(line))) {
      say(notice(bundle, chunks, send(bundle, chunks), line, by));
    }
    return view(catalogue.about(draft.name(), draft.version()));
  }

  private static Notice.Published notice(
      PluginBundle bundle, int chunks, long offset, String signature, String by) {
    PluginBundle.Identity is = bundle.identity();
    try {
      return new Notice.Published(
          is.name(),
          is.version().toString(),
          bundle.sha256(),
          bundle.bytes().length,
          chunks,
          offset,
          signature,
          by,
          System.currentTimeMillis());
    } catch (IllegalArgumentException e) {
      throw new Refused(is + " cannot be published: " + e.getMessage(), e);
    }
  }

  /** Where its first piece lies. */
  private long send(PluginBundle bundle, int chunks) {
    List<CompletableFuture<Long>> pieces = new ArrayList<>();
    byte[] jar = bundle.bytes();
    for (int i = 0; i < chunks; i++) {
      int from = i * Transport.CHUNK_BYTES;
      byte[] piece =
          Arrays.copyOfRange(jar, from, Math.min(jar.length, from + Transport.CHUNK_BYTES));
      pieces.add(post.piece(topic, bundle.sha256(), i, piece));
    }
    pieces.forEach(Post::await);
    return Post.await(pieces.get(0));
  }

  private void say(Notice notice) {
    post.notice(topic, notice);
    catalogue.take(notice);
  }

  /** Takes a bundle back. */
  PublishedView withdraw(String name, String version, String by) {
    if (!(catalogue.about(name, version) instanceof Notice.Published)) {
      throw new Refused(
          "no "
              + name
              + " "
              + version
              + " is published; there are "
              + catalogue.notices().stream()
                  .filter(Notice.Published.class::isInstance)
                  .map(Notice::bundle)
                  .toList());
    }
    say(new Notice.Withdrawn(name, version, by, System.currentTimeMillis()));
    return view(catalogue.about(name, version));
  }

  /** All that was ever published. */
  List<PublishedView> views() {
    return catalogue.notices().stream().map(this::view).toList();
  }

  private PublishedView view(Notice notice) {
    String sha256 = notice instanceof Notice.Published p ? p.sha256() : "";
    String line = notice instanceof Notice.Published p ? p.signature() : "";
    Map<String, String> where = new TreeMap<>();
    silos.present().forEach(silo -> where.put(silo, BundleState.UNKNOWN));
    reports.forEach((silo, states) -> put(where, silo, states, notice, sha256));
    put(where, "server", own.get(), notice, sha256);
    return new PublishedView(
        notice.name(),
        notice.version(),
        sha256,
        line.isEmpty() ? "" : Seal.parse(line).key(),
        notice.by(),
        notice.atMs(),
        sha256.isEmpty(),
        where);
  }

  private static void put(
      Map<String, String> where,
      String node,
      List<BundleState> states,
      Notice notice,
      String sha256) {
    for (BundleState state : states) {
      if (notice.bundle().equals(state.name() + " " + state.version())
          && sha256.equals(state.sha256())) {
        where.put(
            node, Words.fit(state.state() + (state.says().isEmpty() ? "" : ": " + state.says())));
      }
    }
  }
}
