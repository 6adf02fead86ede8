package fedllm.chat;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Plugin;
import fedllm.cli.methods.Catalogue;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.storage.Storage;
import fedllm.runtime.plugin.Installed;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The model families, PEFT methods and storages of some jars, without a framework.
 *
 * @param loader of their classes
 */
record LearningPlugins(
    URLClassLoader loader,
    List<ModelFamily> families,
    List<PeftMethod> methods,
    List<Storage> storages)
    implements AutoCloseable {

  static LearningPlugins open(List<Path> jars) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path jar : jars) {
      urls.add(jar.toUri().toURL());
    }
    URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), LearningPlugins.class.getClassLoader());
    return new LearningPlugins(
        loader,
        load(loader, jars, ModelFamily.class),
        load(loader, jars, PeftMethod.class),
        load(loader, jars, Storage.class));
  }

  /** The storage of a name; a name that nobody has is refused. */
  Storage storage(String name) {
    List<String> names = new ArrayList<>();
    for (Storage storage : storages) {
      names.add(storage.getClass().getAnnotation(Plugin.class).name());
      if (names.get(names.size() - 1).equals(name)) {
        return storage;
      }
    }
    throw new Refused("there is no storage " + name + "; installed are " + names);
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
