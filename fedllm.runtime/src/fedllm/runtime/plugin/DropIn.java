package fedllm.runtime.plugin;

import fedllm.format.Sha256;
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
 */
public final class DropIn implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DropIn.class);
  private static final long POLL_MS = 100;

  private final BundleContext context;
  private final ServicePlugins plugins;
  private final Path folder;
  private final Map<Path, Jar> jars = new HashMap<>();
  private final Map<Bundle, String> leaving = new LinkedHashMap<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private Map<Path, Stamp> lastSeen = Map.of();
  private boolean settled;

  private record Stamp(long bytes, long modifiedMs, Object file) {}

  private record Jar(Stamp stamp, String sha256, Bundle bundle) {}

  /** Installs what the folder holds now, then follows it on a thread of its own. */
  public DropIn(BundleContext context, ServicePlugins plugins, Path folder) {
    this.context = context;
    this.plugins = plugins;
    this.folder = folder;
    lastSeen = look();
    settle(lastSeen);
    thread = new Thread(this::follow, "fedllm-drop-in");
    thread.setDaemon(true);
    thread.start();
  }

  private void follow() {
    try {
      while (!stop.await(POLL_MS, TimeUnit.MILLISECONDS)) {
        Map<Path, Stamp> seen = look();
        if (!seen.equals(lastSeen)) { // a file that is still being copied grows
          settled = false;
        } else if (!settled) {
          settle(seen);
        }
        leaving.keySet().removeIf(this::uninstalled);
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
        seen.put(file, new Stamp(a.size(), a.lastModifiedTime().toMillis(), a.fileKey()));
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn("the plugins folder {} cannot be read; nothing changes: {}", folder, e.toString());
      return lastSeen;
    }
    return seen;
  }

  /** Makes the framework what the folder says: arrivals first, so that a swap leaves no gap. */
  private void settle(Map<Path, Stamp> seen) {
    settled = true;
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
    for (Jar jar : gone) {
      boolean elsewhere = jars.values().stream().anyMatch(j -> j.bundle() == jar.bundle());
      if (jar.bundle() != null && !elsewhere) {
        LOG.info("{} was taken out", name(jar.bundle()));
        plugins.leave(jar.bundle());
        leaving.put(jar.bundle(), jar.sha256());
      }
    }
  }

  /** Null when the jar has to wait for its predecessor of the same version to go. */
  private Jar install(Path file, Stamp stamp, boolean roomToCome) {
    String sha256 = "";
    try {
      byte[] bytes = Files.readAllBytes(file);
      sha256 = Sha256.hex(bytes);
      for (Map.Entry<Bundle, String> old : leaving.entrySet()) {
        if (old.getValue().equals(sha256)) {
          leaving.remove(old.getKey());
          plugins.stay(old.getKey());
          return new Jar(stamp, sha256, old.getKey());
        }
      }
      String location = "drop-in:" + file.getFileName() + "#" + sha256.substring(0, 16);
      return new Jar(
          stamp, sha256, context.installBundle(location, new ByteArrayInputStream(bytes)));
    } catch (BundleException e) {
      if (e.getType() == BundleException.DUPLICATE_BUNDLE_ERROR && roomToCome) {
        settled = false;
        return null;
      }
      LOG.warn("{} cannot be installed and is left alone: {}", file, e.getMessage());
      return new Jar(stamp, sha256, null);
    } catch (IOException e) {
      LOG.warn("{} cannot be read and is left alone: {}", file, e.toString());
      return new Jar(stamp, sha256, null);
    }
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
  public void close() {
    stop.countDown();
    thread.interrupt();
  }
}
