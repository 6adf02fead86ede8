package fedllm.runtime.plugin;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Trait;
import fedllm.api.run.UsedPlugin;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.util.converter.Converters;

/**
 * The plugins that one run holds on this node, each pinned at one version until the holdings are
 * closed. Used by one thread at a time.
 */
public final class Holdings implements AutoCloseable {

  private final Plugins plugins;
  private final Map<String, String> versions;
  private final Map<String, UsedPlugin> used = new LinkedHashMap<>();
  private final Map<String, Installed.Pin<?>> pins = new HashMap<>();

  /**
   * Holds nothing yet.
   *
   * @param versions what version to take, by {@code kind/name}; the newest for those not named
   */
  public Holdings(Plugins plugins, Map<String, String> versions) {
    this.plugins = plugins;
    this.versions = Map.copyOf(versions);
  }

  /** Pins a plugin, once; {@code options} may have a {@code name}, which is left out. */
  public <K> Choice<K> choose(Class<K> contract, String name, Map<String, Object> options) {
    String kind = Installed.kindOf(contract.getName());
    Installed plugin = find(kind, name);
    if (!plugin.fulfils(contract)) {
      throw new Refused(
          kind + " " + name + " is no " + contract.getSimpleName() + "; choose another one");
    }
    Installed.Pin<?> pin =
        pins.computeIfAbsent(contract.getName() + "/" + name, key -> plugin.pin(contract));
    used.put(kind + "/" + name, plugin.info().used());
    return new Choice<>(contract.cast(pin.service()), new JobOptions(plugin.info(), options));
  }

  /** Whether the plugin of that name fulfils a contract of its kind. */
  public boolean fulfils(Class<?> contract, String name) {
    return find(Installed.kindOf(contract.getName()), name).fulfils(contract);
  }

  /** Whether the plugin of that name has a trait. */
  public boolean is(Class<?> contract, String name, Trait trait) {
    return find(Installed.kindOf(contract.getName()), name).info().is().contains(trait.name());
  }

  private Installed find(String kind, String name) {
    UsedPlugin held = used.get(kind + "/" + name);
    String version = held == null ? versions.get(kind + "/" + name) : held.version();
    return (version == null ? plugins.newest(kind, name) : plugins.find(kind, name, version))
        .orElseThrow(() -> new MissingPlugin(kind, name, version));
  }

  /** What is held, in the order of the choices. */
  public List<UsedPlugin> used() {
    return List.copyOf(used.values());
  }

  /** Lets go of everything. */
  @Override
  public void close() {
    pins.values().forEach(Installed.Pin::close);
    pins.clear();
  }

  /** A job's values for one plugin. They were checked when the job was submitted. */
  private final class JobOptions implements Options {

    private final PluginInfo plugin;
    private final Map<String, Object> values;

    JobOptions(PluginInfo plugin, Map<String, Object> values) {
      this.plugin = plugin;
      this.values = new HashMap<>(values);
      this.values.remove("name");
    }

    @Override
    public <T extends Annotation> T as(Class<T> type) {
      return Converters.standardConverter().convert(plain()).to(type);
    }

    /** A wrapped plugin's map is not a value of the annotation; its name stands for it. */
    private Map<String, Object> plain() {
      Map<String, Object> plain = new HashMap<>(values);
      plain.replaceAll((key, value) -> value instanceof List<?> list ? names(list) : nameOf(value));
      return plain;
    }

    private static List<?> names(List<?> list) {
      return list.stream().map(JobOptions::nameOf).toList();
    }

    private static Object nameOf(Object value) {
      return value instanceof Map<?, ?> map ? map.get("name") : value;
    }

    @Override
    public <K> Choice<K> choice(String key, Class<K> contract) {
      if (!(values.get(key) instanceof Map<?, ?> of)) {
        return choose(contract, preset(key), Map.of());
      }
      return wrapped(contract, of);
    }

    @Override
    public <K> List<Choice<K>> choices(String key, Class<K> contract) {
      List<Choice<K>> choices = new ArrayList<>();
      for (Object value : values.get(key) instanceof List<?> list ? list : List.of()) {
        choices.add(wrapped(contract, (Map<?, ?>) value));
      }
      return choices;
    }

    private <K> Choice<K> wrapped(Class<K> contract, Map<?, ?> of) {
      Map<String, Object> inner = new HashMap<>();
      of.forEach((k, v) -> inner.put(k.toString(), v));
      return choose(contract, inner.get("name").toString(), inner);
    }

    private String preset(String key) {
      return plugin.options().stream()
          .filter(o -> o.name().equals(key) && !o.wraps().isEmpty() && !o.required())
          .map(o -> o.preset().toString())
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("the option " + key + " names no plugin"));
    }
  }
}
