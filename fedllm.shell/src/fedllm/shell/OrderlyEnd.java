package fedllm.shell;

import java.util.concurrent.CompletableFuture;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops every bundle of a node before its JVM ends. The JVM ends when it is told to, and when the
 * process ends that started it, which the property {@code fedllm.parent} names: a Ctrl-C or a kill
 * of the parent leaves no node behind.
 */
@Component(service = OrderlyEnd.class, immediate = true)
public final class OrderlyEnd {

  private static final Logger LOG = LoggerFactory.getLogger(OrderlyEnd.class);
  private static final long STOP_MS = 12_000;

  private final Thread hook;
  private final CompletableFuture<Void> parentsEnd;

  /** Watches from now on. */
  @Activate
  public OrderlyEnd(BundleContext context) {
    hook = new Thread(() -> stop((Framework) context.getBundle(0)), "stop-bundles");
    Runtime.getRuntime().addShutdownHook(hook);
    String parent = context.getProperty("fedllm.parent");
    parentsEnd =
        parent == null
            ? new CompletableFuture<>()
            : ProcessHandle.of(Long.parseLong(parent))
                .map(ProcessHandle::onExit)
                .orElseGet(() -> CompletableFuture.completedFuture(null))
                .thenRunAsync(OrderlyEnd::end);
  }

  private static void end() {
    LOG.warn("The process that started this node is gone; the node stops");
    System.exit(0);
  }

  /** Java waits for this; a bundle that hangs in its stop is left behind. */
  private static void stop(Framework framework) {
    try {
      framework.stop();
      framework.waitForStop(STOP_MS);
    } catch (BundleException e) {
      LOG.error("The bundles do not stop in order", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Deactivate
  void forget() {
    parentsEnd.cancel(false);
    if (!hook.isAlive()) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }
}
