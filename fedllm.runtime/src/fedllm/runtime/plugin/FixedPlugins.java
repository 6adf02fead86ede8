package fedllm.runtime.plugin;

import fedllm.api.plugin.Plugin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Plugins of a program without a framework: objects, given once, all of one version. */
public final class FixedPlugins implements Plugins {

  private final List<Installed> installed = new ArrayList<>();

  /** Objects whose classes carry {@link Plugin}. */
  public FixedPlugins(Object... plugins) {
    for (Object plugin : plugins) {
      installed.add(new Held(plugin, info(plugin)));
    }
  }

  private static PluginInfo info(Object plugin) {
    Plugin says = plugin.getClass().getAnnotation(Plugin.class);
    if (says == null) {
      throw new IllegalArgumentException(plugin.getClass().getName() + " carries no @Plugin");
    }
    return new PluginInfo(
        Installed.kindOf(plugin.getClass().getInterfaces()[0].getName()),
        says.name(),
        "0.1.0",
        says.does(),
        says.paper(),
        Arrays.stream(says.is()).map(Enum::name).toList(),
        List.of(says.with()),
        OptionSpec.of(says.options()));
  }

  @Override
  public Collection<Installed> all() {
    return installed;
  }

  @Override
  public void onChange(Runnable listener) {
    // nothing ever changes
  }

  private record Held(Object plugin, PluginInfo info) implements Installed {

    @Override
    public boolean fulfils(Class<?> contract) {
      return contract.isInstance(plugin);
    }

    @Override
    public <K> Pin<K> pin(Class<K> contract) {
      K service = contract.cast(plugin);
      return new Pin<>() {
        @Override
        public K service() {
          return service;
        }

        @Override
        public void close() {
          // the object stays
        }
      };
    }
  }
}
