package fedllm.runtime.node;

import fedllm.api.error.Forbidden;
import fedllm.api.error.Refused;
import fedllm.api.run.Bundles;
import fedllm.api.run.Federation;
import fedllm.api.transport.Transport;
import fedllm.api.transport.TransportFactory;
import fedllm.runtime.bundle.Gate;
import fedllm.runtime.message.Topics;
import fedllm.runtime.plugin.DropIn;
import fedllm.runtime.plugin.ServicePlugins;
import fedllm.runtime.publish.Subscription;
import fedllm.runtime.server.Console;
import fedllm.runtime.server.Server;
import fedllm.runtime.silo.Silo;
import fedllm.runtime.silo.SiloConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts what this process is: with {@code fedllm.role} unset, nothing. What stops it before it was
 * asked to stop takes the framework down, so that whoever started the process sees it.
 */
@Component(
    service = {},
    immediate = true)
public final class Node {

  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final BundleContext context;
  private final TransportFactory transports;
  private final Thread thread;
  private volatile AutoCloseable worker;
  private volatile boolean stopping;

  /** Reads the framework's properties and starts a thread. */
  @Activate
  public Node(BundleContext context, @Reference TransportFactory transports) {
    this.context = context;
    this.transports = transports;
    String role = context.getProperty("fedllm.role");
    thread = role == null ? null : new Thread(() -> live(role), "fedllm-" + role);
    if (thread != null) {
      thread.start();
    }
  }

  private void live(String role) {
    try {
      work(role, Path.of(property("fedllm.plugins")), gate());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Forbidden e) {
      if (!stopping) {
        LOG.error("the {} stops: {}; {}", role, e.getMessage(), allow(role, e.principal()), e);
      }
    } catch (Exception | Error e) { // whatever it is, the log must have it before the process ends
      if (!stopping) {
        LOG.error("the {} stops: {}", role, e.getMessage(), e);
      }
    } finally {
      if (!stopping) {
        stopFramework();
      }
    }
  }

  private void work(String role, Path plugs, Gate gate) throws InterruptedException {
    try (ServicePlugins plugins = new ServicePlugins(context);
        DropIn folder = new DropIn(context, plugins, plugs, gate);
        Transport transport = transports.open(kafka());
        Subscription bundles =
            new Subscription(transport, bundlesTopic(), plugs, nodeName(), gate, folder)) {
      context.registerService(Bundles.class, folder, null);
      switch (role) {
        case "server" -> serve(plugins, transport, bundles);
        case "silo" -> takePart(plugins, transport, bundles);
        default -> throw new Refused("fedllm.role is " + role + "; it has to be server or silo");
      }
    }
  }

  /** A server publishes itself what comes by the wire, and so does who runs a whole federation. */
  private Gate gate() {
    Path list = path("fedllm.approved", "plugins.approved");
    boolean trustsTheWire =
        Boolean.parseBoolean(context.getProperty("fedllm.local"))
            || property("fedllm.role").equals("server");
    return new Gate(list, path("fedllm.shipped", "plugins.shipped"), trustsTheWire);
  }

  private Path path(String name, String inState) {
    String said = context.getProperty(name);
    return said == null ? Path.of(property("fedllm.state"), inState) : Path.of(said);
  }

  private String bundlesTopic() {
    return new Topics(property("fedllm.federation")).bundles();
  }

  private String nodeName() {
    return property("fedllm.name");
  }

  /** What the cluster's operator says to let us in. */
  private String allow(String role, String principal) {
    String who = role.equals("silo") ? "silo " + property("fedllm.name") + "=" : "server ";
    return "./fedllm acl --federation %s --%s'%s' --topics --apply, with --bootstrap and --kafka"
            .formatted(property("fedllm.federation"), who, principal)
        + " of somebody who may, allows what it needs";
  }

  private void serve(ServicePlugins plugins, Transport transport, Subscription bundles) {
    Server server =
        new Server(
            property("fedllm.federation"),
            nodeName(),
            Boolean.parseBoolean(context.getProperty("fedllm.local")),
            Path.of(property("fedllm.state")),
            keptBytes(),
            transport,
            plugins,
            bundles::states);
    worker = server;
    if (!stopping) {
      Thread announcing = new Thread(() -> announce(server), "fedllm-console");
      announcing.setDaemon(true);
      announcing.start();
      server.run();
    }
  }

  /** What the system's cache, which all programs share, can well take; the disk is there for it. */
  private long keptBytes() {
    Path state = Path.of(property("fedllm.state"));
    try {
      Files.createDirectories(state);
      return Math.min(Machine.memoryBytes() / 8, Files.getFileStore(state).getUsableSpace() / 8);
    } catch (IOException e) {
      throw new Refused(state + " cannot be used: " + e, e);
    }
  }

  private void announce(Server server) {
    try {
      server.awaitReady();
      context.registerService(Federation.class, new Console(server), null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debug("the framework stops", e);
    }
  }

  private void takePart(ServicePlugins plugins, Transport transport, Subscription bundles)
      throws InterruptedException {
    Silo silo =
        new Silo(
            property("fedllm.federation"),
            property("fedllm.name"),
            Path.of(property("fedllm.state")),
            siloConfig(),
            transport,
            plugins,
            this::compute,
            bundles::states);
    worker = silo;
    if (!stopping) {
      silo.run();
    }
  }

  private SiloConfig siloConfig() {
    SiloConfig config = SiloConfig.read(Path.of(property("fedllm.silo")));
    return Boolean.parseBoolean(context.getProperty("fedllm.local"))
        ? config.tellingFiles()
        : config;
  }

  /** What the learning plane, if this node has one, says that it computes by. */
  private String compute() {
    try {
      ServiceReference<?>[] found = context.getAllServiceReferences(null, "(compute=*)");
      return found == null ? "" : ", computes by " + found[0].getProperty("compute");
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("the filter is right", e);
    }
  }

  private Map<String, String> kafka() {
    Path file = Path.of(property("fedllm.kafka"));
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException e) {
      throw new Refused(file + " cannot be read: " + e, e);
    }
    Map<String, String> settings = new HashMap<>();
    properties.stringPropertyNames().forEach(k -> settings.put(k, properties.getProperty(k)));
    return settings;
  }

  private String property(String name) {
    String value = context.getProperty(name);
    if (value == null) {
      throw new Refused("the property " + name + " is not set");
    }
    return value;
  }

  /** Whoever started the process learns by its exit code that it could not go on. */
  private void stopFramework() {
    System.setProperty("fedllm.failed", "true");
    try {
      context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
    } catch (BundleException | IllegalStateException e) {
      LOG.error("the framework does not stop", e);
    }
  }

  @Deactivate
  void stop() throws Exception {
    stopping = true;
    if (worker != null) {
      worker.close();
    }
    if (thread != null) {
      thread.join(10_000);
    }
  }
}
