package fedllm.runtime.plugin;

import fedllm.api.error.Refused;
import fedllm.api.run.BundleView;
import fedllm.api.run.Bundles;
import fedllm.runtime.bundle.Gate;
import fedllm.runtime.bundle.PluginBundle;
import fedllm.runtime.bundle.Seal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs the jars of a folder, and follows it. A new file is installed beside what is there,
 * never over it (an overwritten jar breaks classes that are not loaded yet); the bundle of a file
 * that went stays until nobody holds a plugin of it. The framework keeps its own copy of each jar.
 * What the gate does not let in is never installed, and named with the reason.
 */
public final class DropIn implements Bundles, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DropIn.class);
  private static final long POLL_MS = 100;

  private final BundleContext context;
  private final ServicePlugins plugins;
  private final Path folder;
  private final Gate gate;
  private final Map<Path, Jar> jars = new HashMap<>();
  private final Map<Bundle, String> leaving = new LinkedHashMap<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private Map<Path, Stamp> lastSeen = Map.of();
  private boolean settled;
  private int judgedBy;
  private volatile List<BundleView> views = List.of();

  /** The signature beside a jar changes what the jar is worth: {@code sealed} is when it did. */
  private record Stamp(long bytes, long modifiedMs, Object file, long sealed) {}

  /** {@code bundle} is null where it could not be installed; {@code says} is why. */
  private record Jar(Stamp stamp, String sha256, Bundle bundle, String says) {}

  /** Installs what the folder holds now, then follows it on a thread of its own. */
  public DropIn(BundleContext context, ServicePlugins plugins, Path folder, Gate gate) {
    this.context = context;
    this.plugins = plugins;
    this.folder = folder;
    this.gate = gate;
    judgedBy = gate.generation();
    lastSeen = look();
    settle(lastSeen);
    thread = new Thread(this::follow, "fedllm-drop-in");
    thread.setDaemon(true);
    thread.start();
  }

  private void follow() {
    try {
      while (!stop.await(POLL_MS, TimeUnit.MILLISECONDS)) {
        gate.refresh();
        Map<Path, Stamp> seen = look();
        if (!seen.equals(lastSeen)) { // a file that is still being copied grows
          settled = false;
        } else if (!settled || judgedBy != gate.generation()) {
          settle(seen);
        }
        leaving.keySet().removeIf(this::uninstalled);
        show();
        lastSeen = seen;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<Path, Stamp> look() {
    Map<Path, Stamp> seen = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path file : files) {
        BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
        seen.put(
            file, new Stamp(a.size(), a.lastModifiedTime().toMillis(), a.fileKey(), sealed(file)));
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn("the plugins folder {} cannot be read; nothing changes: {}", folder, e.toString());
      return lastSeen;
    }
    return seen;
  }

  private static long sealed(Path jar) {
    return Seal.beside(jar).toFile().lastModified(); // 0 where there is none
  }

  /** Makes the framework what the folder says: arrivals first, so that a swap leaves no gap. */
  private void settle(Map<Path, Stamp> seen) {
    settled = true;
    int generation = gate.generation();
    if (judgedBy != generation) { // whatever is not let in any more goes, and the other way
      judgedBy = generation;
      jars.replaceAll((file, jar) -> judged(file, jar) ? jar : outdated(jar));
    }
    List<Jar> gone = new ArrayList<>();
    jars.entrySet()
        .removeIf(
            e -> {
              boolean went = !e.getValue().stamp().equals(seen.get(e.getKey()));
              if (went) {
                gone.add(e.getValue());
              }
              return went;
            });
    if (!gone.isEmpty()) { // there may be room now for what had none
      jars.values().removeIf(jar -> jar.bundle() == null);
    }
    boolean roomToCome = !gone.isEmpty() || !leaving.isEmpty();
    seen.forEach((file, stamp) -> jars.computeIfAbsent(file, f -> install(f, stamp, roomToCome)));
    jars.values().forEach(this::start);
    show();
    for (Jar jar : gone) {
      boolean elsewhere = jars.values().stream().anyMatch(j -> j.bundle() == jar.bundle());
      if (jar.bundle() != null && !elsewhere) {
        LOG.info("{} was taken out", name(jar.bundle()));
        plugins.leave(jar.bundle());
        leaving.put(jar.bundle(), jar.sha256());
      }
    }
  }

  /** Whether the gate says the same of a jar as it did. */
  private boolean judged(Path file, Jar jar) {
    try {
      gate.check(bundle(file), name(file));
      return jar.bundle() != null;
    } catch (Refused | IOException e) {
      return jar.bundle() == null;
    }
  }

  /** A jar whose file is looked at as if it had changed. */
  private static Jar outdated(Jar jar) {
    return new Jar(new Stamp(-1, -1, null, -1), jar.sha256(), jar.bundle(), jar.says());
  }

  private static PluginBundle bundle(Path file) throws IOException {
    return new PluginBundle(Files.readAllBytes(file), Seal.read(file));
  }

  /** Null when the jar has to wait for its predecessor of the same version to go. */
  private Jar install(Path file, Stamp stamp, boolean roomToCome) {
    String sha256 = "";
    try {
      PluginBundle jar = bundle(file);
      sha256 = jar.sha256();
      String says = gate.check(jar, name(file));
      for (Map.Entry<Bundle, String> old : leaving.entrySet()) {
        if (old.getValue().equals(sha256)) {
          leaving.remove(old.getKey());
          plugins.stay(old.getKey());
          return new Jar(stamp, sha256, old.getKey(), says);
        }
      }
      String location = "drop-in:" + file.getFileName() + "#" + sha256.substring(0, 16);
      Bundle bundle = context.installBundle(location, new ByteArrayInputStream(jar.bytes()));
      if (!says.isEmpty() && !name(bundle).equals(jar.identity().toString())) {
        bundle.uninstall();
        throw new Refused("it says two names: " + name(bundle) + " and " + jar.identity());
      }
      return new Jar(stamp, sha256, bundle, says);
    } catch (Refused e) {
      LOG.warn("{} is refused and not installed: {}", file, e.getMessage());
      return new Jar(stamp, sha256, null, e.getMessage());
    } catch (BundleException e) {
      if (e.getType() == BundleException.DUPLICATE_BUNDLE_ERROR && roomToCome) {
        settled = false;
        return null;
      }
      LOG.warn("{} cannot be installed and is left alone: {}", file, e.getMessage());
      return new Jar(stamp, sha256, null, why(e));
    } catch (IOException e) {
      LOG.warn("{} cannot be read and is left alone: {}", file, e.toString());
      return new Jar(stamp, sha256, null, "it cannot be read");
    }
  }

  /** What of it may be told to others. */
  private static String why(BundleException e) {
    return e.getType() == BundleException.DUPLICATE_BUNDLE_ERROR
        ? "another bundle of this name and version is installed"
        : "the framework does not take it for a bundle";
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static String name(Bundle bundle) {
    return bundle.getSymbolicName() + " " + bundle.getVersion();
  }

  /** A bundle that lacks a package waits: a server has no learning plane. */
  private void start(Jar jar) {
    Bundle bundle = jar.bundle();
    if (bundle == null || (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) != 0) {
      return;
    }
    try {
      bundle.start();
    } catch (BundleException e) {
      if (e.getType() == BundleException.RESOLVE_ERROR) {
        LOG.debug("{} is not for this node: {}", bundle.getSymbolicName(), e.getMessage());
      } else {
        LOG.warn("{} does not start: {}", bundle.getSymbolicName(), e.getMessage(), e);
      }
    }
  }

  private boolean uninstalled(Bundle bundle) {
    if (plugins.isPinned(bundle)) {
      return false;
    }
    try {
      bundle.uninstall();
      LOG.info("{} was uninstalled", name(bundle));
    } catch (BundleException | IllegalStateException e) {
      LOG.warn("{} cannot be uninstalled: {}", bundle.getSymbolicName(), e.getMessage());
    }
    return true;
  }

  @Override
  public List<BundleView> bundles() {
    return views;
  }

  private void show() {
    List<BundleView> now = new ArrayList<>();
    new TreeMap<>(jars).forEach((file, jar) -> now.add(view(name(file), jar)));
    views = List.copyOf(now);
  }

  private static BundleView view(String file, Jar jar) {
    Bundle bundle = jar.bundle();
    if (bundle == null) {
      return new BundleView(file, "", "", jar.sha256(), BundleView.REFUSED, jar.says());
    }
    boolean runs = (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) != 0;
    return new BundleView(
        file,
        bundle.getSymbolicName(),
        bundle.getVersion().toString(),
        jar.sha256(),
        runs ? BundleView.RUNS : BundleView.WAITS,
        runs ? jar.says() : "lacks a package that this node does not have; see its log");
  }

  @Override
  public void close() {
    stop.countDown();
    thread.interrupt();
  }
}
