package fedllm.learning.base;

import java.nio.file.Path;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node's machine computes with, chosen when its node was new and the same ever after. */
@Component(service = Machine.class, immediate = true)
public final class Machine {

  private static final Logger LOG = LoggerFactory.getLogger(Machine.class);

  private final Compute compute;

  /** Chooses, says it in the log, and tells the node what to say when it joins. */
  @Activate
  public Machine(BundleContext context) {
    String state = context.getProperty("fedllm.state");
    compute =
        state == null
            ? Compute.of(context::getProperty)
            : Compute.recorded(Path.of(state), context::getProperty);
    LOG.info("computes by {}", compute);
    context.registerService(
        Compute.class, compute, FrameworkUtil.asDictionary(Map.of("compute", compute.toString())));
  }

  /** What was chosen. */
  public Compute compute() {
    return compute;
  }
}
