package fedllm.runtime.bundle;

import fedllm.api.error.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which bundles a node runs. With an approved list: what the list lets in, from wherever it
 * comes. Without one: what lies in the plugins folder, and nothing that came by the wire. Follows
 * the list's file. Safe for many threads.
 */
public final class Gate {

  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

  /** What the names of bundles that came by the wire end with. */
  public static final String PUBLISHED = "-published.jar";

  private final Path file;
  private final Path shipped;
  private final boolean trustsTheWire;
  private ApprovedList list;
  private Stamp stamp;
  private int generation;

  private record Stamp(long bytes, long modifiedMs, Object file) {}

  /**
   * Reads the list, if there is one.
   *
   * @param file the list; it may come later
   * @param shipped the hashes of what came with the product; it need not exist
   * @param trustsTheWire whether published bundles are let in where there is no list: at a server,
   *     who publishes them itself, and where one user runs the whole federation
   * @throws Refused when the list cannot be read or a line is wrong
   */
  public Gate(Path file, Path shipped, boolean trustsTheWire) {
    this.file = file;
    this.shipped = shipped;
    this.trustsTheWire = trustsTheWire;
    Optional<Stamp> there = look();
    if (there.isPresent()) {
      stamp = there.get();
      list = read();
    }
    LOG.info(
        "plugins: {}",
        list == null ? "no approved list at " + file + "; the folder is trusted" : "only " + list);
  }

  /** One that lets in whatever lies in the folder, and what is published where so said. */
  public static Gate open(boolean trustsTheWire) {
    Path nowhere = Path.of("/nonexistent/plugins.approved");
    return new Gate(nowhere, nowhere, trustsTheWire);
  }

  private Optional<Stamp> look() {
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(new Stamp(a.size(), a.lastModifiedTime().toMillis(), a.fileKey()));
    } catch (IOException e) {
      return Optional.empty(); // there is none, or none that this user may read
    }
  }

  private ApprovedList read() {
    try {
      ApprovedList ofTheHouse = ApprovedList.nothing(ApprovedList.SHIPPED);
      if (Files.exists(shipped)) {
        ofTheHouse = ApprovedList.read(Files.readString(shipped), ApprovedList.SHIPPED, ofTheHouse);
      }
      return ApprovedList.read(Files.readString(file), file.getFileName().toString(), ofTheHouse);
    } catch (IOException e) {
      throw new Refused(file + " cannot be read: " + e, e);
    }
  }

  /** Reads the list anew if its file has changed; a wrong one is named and changes nothing. */
  public synchronized void refresh() {
    Optional<Stamp> there = look();
    if (there.isEmpty() || there.get().equals(stamp)) {
      if (there.isEmpty() && stamp != null) {
        stamp = null;
        LOG.warn("{} is gone; what it said holds until the node is started again", file);
      }
      return;
    }
    stamp = there.get();
    try {
      list = read();
      generation++;
      LOG.info("plugins: only {}", list);
    } catch (Refused e) {
      LOG.error("the approved list is wrong and changes nothing: {}", e.getMessage());
    }
  }

  /** Grows with each change of the list. */
  public synchronized int generation() {
    return generation;
  }

  /** Throws {@link Refused} where nothing comes in by the wire, whatever it is. */
  public synchronized void checkWire() {
    if (list == null && !trustsTheWire) {
      throw new Refused(
          "there is no approved list here, so nothing comes in by the wire; its administrator may"
              + " name the publisher's key in plugins.approved");
    }
  }

  /**
   * Lets a bundle in.
   *
   * @param file what the bundle is called in the plugins folder
   * @return why, in words
   * @throws Refused when it may not run here; the message may be told to others
   */
  public synchronized String check(PluginBundle bundle, String file) {
    if (list != null) {
      return "approved by " + list.approves(bundle);
    }
    if (!file.endsWith(PUBLISHED)) {
      return "";
    }
    checkWire();
    if (bundle.seal() != null && !bundle.seal().fits(bundle.bytes())) {
      throw new Refused("its signature does not fit its bytes; they were changed after signing");
    }
    return "published";
  }
}
