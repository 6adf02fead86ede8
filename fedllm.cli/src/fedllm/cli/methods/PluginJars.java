package fedllm.cli.methods;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Plugin;
import fedllm.runtime.plugin.Installed;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Plugins out of jars, made without a framework, for programs that need no federation. */
public final class PluginJars implements AutoCloseable {

  private final List<Path> jars;
  private final URLClassLoader loader;

  /** Opens jars; their contracts are those of this program. */
  public PluginJars(List<Path> jars) throws IOException {
    this.jars = List.copyOf(jars);
    List<URL> urls = new ArrayList<>();
    for (Path jar : jars) {
      urls.add(jar.toUri().toURL());
    }
    loader = new URLClassLoader(urls.toArray(URL[]::new), PluginJars.class.getClassLoader());
  }

  /**
   * One of each plugin of a contract, whose constructor needs nothing or some of {@code given}; the
   * others are for a framework to make.
   */
  public <T> List<T> make(Class<T> contract, Object... given) throws IOException {
    List<T> plugins = new ArrayList<>();
    for (String type : Catalogue.classes(jars, Installed.kindOf(contract.getName()))) {
      try {
        for (Constructor<?> constructor : loader.loadClass(type).getConstructors()) {
          Optional<Object[]> arguments = arguments(constructor.getParameterTypes(), given);
          if (arguments.isPresent() && contract.isAssignableFrom(constructor.getDeclaringClass())) {
            plugins.add(contract.cast(constructor.newInstance(arguments.get())));
          }
        }
      } catch (ReflectiveOperationException | LinkageError e) {
        throw new Refused("the plugin " + type + " cannot be made: " + e, e);
      }
    }
    return plugins;
  }

  /** The plugin of a contract that has a name; a name that nobody has is refused. */
  public <T> T named(Class<T> contract, String name) throws IOException {
    List<String> names = new ArrayList<>();
    for (T plugin : make(contract)) {
      names.add(plugin.getClass().getAnnotation(Plugin.class).name());
      if (names.get(names.size() - 1).equals(name)) {
        return plugin;
      }
    }
    String kind = Installed.kindOf(contract.getName());
    throw new Refused("there is no " + kind + " " + name + "; installed are " + names);
  }

  private static Optional<Object[]> arguments(Class<?>[] needs, Object[] given) {
    List<Object> arguments = new ArrayList<>();
    for (Class<?> need : needs) {
      Optional<Object> fitting = Arrays.stream(given).filter(need::isInstance).findFirst();
      if (fitting.isEmpty()) {
        return Optional.empty();
      }
      arguments.add(fitting.get());
    }
    return Optional.of(arguments.toArray());
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
