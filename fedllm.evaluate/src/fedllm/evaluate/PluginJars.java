package fedllm.evaluate;

import fedllm.api.data.DataSource;
import fedllm.api.error.Refused;
import fedllm.api.evaluator.Evaluator;
import fedllm.cli.methods.Catalogue;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Compute;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.storage.Storage;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Installed;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The plugins of some jars that a measuring needs, without a framework.
 *
 * @param loader of their classes
 * @param bases what the evaluators among them measure on
 * @param methods what opens adapters
 * @param all of them
 */
record PluginJars(URLClassLoader loader, Bases bases, List<PeftMethod> methods, FixedPlugins all)
    implements AutoCloseable {

  static PluginJars open(List<Path> jars, Compute compute) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path jar : jars) {
      urls.add(jar.toUri().toURL());
    }
    URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), PluginJars.class.getClassLoader());
    Bases bases = new Bases(load(loader, jars, ModelFamily.class, null), compute);
    List<PeftMethod> methods = load(loader, jars, PeftMethod.class, null);
    List<Object> all = new ArrayList<>();
    all.addAll(load(loader, jars, DataSource.class, null));
    all.addAll(load(loader, jars, Storage.class, null));
    all.addAll(load(loader, jars, Objective.class, null));
    all.addAll(load(loader, jars, Evaluator.class, bases));
    return new PluginJars(loader, bases, methods, new FixedPlugins(all.toArray()));
  }

  /** Those that need nothing, or only {@code bases}; others are made by a framework. */
  private static <T> List<T> load(
      ClassLoader loader, List<Path> jars, Class<T> contract, Bases bases) throws IOException {
    List<T> plugins = new ArrayList<>();
    for (String type : Catalogue.classes(jars, Installed.kindOf(contract.getName()))) {
      try {
        for (Constructor<?> made : loader.loadClass(type).getConstructors()) {
          Class<?>[] needs = made.getParameterTypes();
          Object plugin = null;
          if (needs.length == 0) {
            plugin = made.newInstance();
          } else if (bases != null && needs.length == 1 && needs[0] == Bases.class) {
            plugin = made.newInstance(bases);
          }
          if (contract.isInstance(plugin)) { // a kind may have several contracts
            plugins.add(contract.cast(plugin));
          }
        }
      } catch (ReflectiveOperationException | LinkageError e) {
        throw new Refused("the plugin " + type + " cannot be made: " + e, e);
      }
    }
    return plugins;
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
