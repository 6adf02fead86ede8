package fedllm.shell;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a node when the process ends that started it, however it ends. Which one that is, the
 * property {@code fedllm.parent} says; without it a node is on its own.
 */
@Component(service = Parent.class, immediate = true)
public final class Parent {

  private static final Logger LOG = LoggerFactory.getLogger(Parent.class);
  private static final long STOP_SECONDS = 20;

  private final CompletableFuture<Void> end;

  /** Watches the process that the property names. */
  @Activate
  public Parent(BundleContext context) {
    String pid = context.getProperty("fedllm.parent");
    end =
        pid == null
            ? new CompletableFuture<>()
            : ProcessHandle.of(Long.parseLong(pid))
                .map(ProcessHandle::onExit)
                .orElseGet(() -> CompletableFuture.completedFuture(null))
                .thenRunAsync(() -> stop(context));
  }

  private static void stop(BundleContext context) {
    LOG.warn("The process that started this node is gone; the node stops");
    CompletableFuture.delayedExecutor(STOP_SECONDS, TimeUnit.SECONDS)
        .execute(() -> Runtime.getRuntime().halt(1)); // a bundle hangs in its stop
    try {
      context.getBundle(0).stop();
    } catch (BundleException e) {
      LOG.error("The framework does not stop in order", e);
      Runtime.getRuntime().halt(1);
    }
  }

  @Deactivate
  void forget() {
    end.cancel(false);
  }
}
