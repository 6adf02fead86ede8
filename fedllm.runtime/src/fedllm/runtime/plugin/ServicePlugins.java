package fedllm.runtime.plugin;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plugins in the service registry: whatever has the property {@code plugin.name}. */
public final class ServicePlugins implements Plugins, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServicePlugins.class);

  private final BundleContext context;
  private final ServiceTracker<Object, Service> tracker;
  private final Map<ServiceReference<?>, Service> services = new ConcurrentHashMap<>();
  private final Map<Bundle, Integer> pins = new ConcurrentHashMap<>();
  private final Set<Bundle> leaving = ConcurrentHashMap.newKeySet();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Follows the registry that {@code context} sees, until closed. */
  public ServicePlugins(BundleContext context) {
    this.context = context;
    try {
      tracker =
          new ServiceTracker<>(context, context.createFilter("(plugin.name=*)"), new Follower());
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
    tracker.open(true);
  }

  @Override
  public Collection<Installed> all() {
    return services.values().stream()
        .filter(s -> !leaving.contains(s.reference.getBundle()))
        .map(Installed.class::cast)
        .toList();
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Hides a bundle's plugins from whoever looks for one; those who hold one keep it. */
  void leave(Bundle bundle) {
    leaving.add(bundle);
    changed();
  }

  /** Takes back {@link #leave}. */
  void stay(Bundle bundle) {
    leaving.remove(bundle);
    changed();
  }

  /** Whether somebody holds a plugin of a bundle. */
  boolean isPinned(Bundle bundle) {
    return pins.getOrDefault(bundle, 0) > 0;
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }

  @Override
  public void close() {
    tracker.close();
  }

  private final class Follower implements ServiceTrackerCustomizer<Object, Service> {

    @Override
    public Service addingService(ServiceReference<Object> reference) {
      try {
        Service service = new Service(reference);
        services.put(reference, service);
        LOG.info("plugin {} arrived", service.info.used());
        changed();
        return service;
      } catch (ReflectiveOperationException | LinkageError | IllegalArgumentException e) {
        LOG.warn("{} offers a plugin whose options cannot be read", reference.getBundle(), e);
        return null;
      }
    }

    @Override
    public void modifiedService(ServiceReference<Object> reference, Service service) {
      // a plugin's properties come from its class and do not change
    }

    @Override
    public void removedService(ServiceReference<Object> reference, Service service) {
      services.remove(reference);
      LOG.info("plugin {} left", service.info.used());
      changed();
    }
  }

  private final class Service implements Installed {

    private final ServiceReference<Object> reference;
    private final List<String> contracts;
    private final PluginInfo info;

    Service(ServiceReference<Object> reference) throws ReflectiveOperationException {
      this.reference = reference;
      contracts = List.of((String[]) reference.getProperty(Constants.OBJECTCLASS));
      info =
          new PluginInfo(
              kindOf(),
              text("plugin.name"),
              reference.getBundle().getVersion().toString(),
              text("plugin.does"),
              text("plugin.paper"),
              texts("plugin.is"),
              texts("plugin.with"),
              OptionSpec.of(optionTypes()));
    }

    private String kindOf() {
      return Installed.kindOf(contracts.get(0));
    }

    private String text(String property) {
      return reference.getProperty(property) instanceof String text ? text : "";
    }

    /** One is a text of its own, several are an array. */
    private List<String> texts(String property) {
      if (reference.getProperty(property) instanceof String[] several) {
        return List.of(several);
      }
      return text(property).isEmpty() ? List.of() : List.of(text(property));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types
    private Class<? extends Annotation>[] optionTypes() throws ReflectiveOperationException {
      List<Class<? extends Annotation>> types = new ArrayList<>();
      for (String name : texts("plugin.options")) {
        types.add(reference.getBundle().loadClass(name).asSubclass(Annotation.class));
      }
      return types.toArray(new Class[0]);
    }

    @Override
    public PluginInfo info() {
      return info;
    }

    @Override
    public boolean fulfils(Class<?> contract) {
      return contracts.contains(contract.getName());
    }

    @Override
    public <K> Pin<K> pin(Class<K> contract) {
      Bundle bundle = reference.getBundle();
      ServiceObjects<Object> objects = context.getServiceObjects(reference);
      Object object = objects == null ? null : objects.getService();
      if (object == null) {
        throw new IllegalStateException(
            info.used() + " left, or its constructor failed; see the log");
      }
      pins.merge(bundle, 1, Integer::sum);
      K service = contract.cast(object);
      return new Pin<>() {
        private boolean closed;

        @Override
        public K service() {
          return service;
        }

        @Override
        public void close() {
          if (!closed) {
            closed = true;
            release();
          }
        }

        private void release() {
          try {
            objects.ungetService(object);
          } catch (IllegalStateException | IllegalArgumentException e) {
            LOG.debug("{} was gone before it was given back", info.used(), e);
          }
          pins.merge(bundle, -1, Integer::sum);
          changed();
        }
      };
    }
  }
}
