package fedllm.merge;

import fedllm.api.error.Refused;
import fedllm.cli.methods.Catalogue;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.PeftMethod;
import fedllm.runtime.plugin.Installed;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The model families and PEFT methods of some jars, without a framework.
 *
 * @param loader of their classes
 */
record LearningPlugins(URLClassLoader loader, List<ModelFamily> families, List<PeftMethod> methods)
    implements AutoCloseable {

  /** Makes one of each. */
  static LearningPlugins open(List<Path> jars) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path jar : jars) {
      urls.add(jar.toUri().toURL());
    }
    URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), LearningPlugins.class.getClassLoader());
    return new LearningPlugins(
        loader, load(loader, jars, ModelFamily.class), load(loader, jars, PeftMethod.class));
  }

  /** Those that need no others: they are the ones that files ask for. */
  private static <T> List<T> load(ClassLoader loader, List<Path> jars, Class<T> contract)
      throws IOException {
    List<T> plugins = new ArrayList<>();
    for (String type : Catalogue.classes(jars, Installed.kindOf(contract.getName()))) {
      try {
        for (Constructor<?> constructor : loader.loadClass(type).getConstructors()) {
          if (constructor.getParameterCount() == 0) {
            plugins.add(contract.cast(constructor.newInstance()));
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
