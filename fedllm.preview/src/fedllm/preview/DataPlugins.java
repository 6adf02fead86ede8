package fedllm.preview;

import fedllm.api.data.DataSource;
import fedllm.api.error.Refused;
import fedllm.cli.methods.Catalogue;
import fedllm.runtime.data.Tools;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Holdings;
import fedllm.runtime.plugin.Installed;
import fedllm.runtime.plugin.PluginInfo;
import fedllm.runtime.plugin.Plugins;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The data tools of some jars, without a framework. */
public final class DataPlugins implements AutoCloseable {

  private final URLClassLoader loader;
  private final Plugins plugins;
  private final Holdings holdings;

  private DataPlugins(URLClassLoader loader, Plugins plugins) {
    this.loader = loader;
    this.plugins = plugins;
    holdings = new Holdings(plugins, Map.of());
  }

  /** Loads what reads and cuts files; of the other plugins none. */
  public static DataPlugins open(List<Path> jars) throws IOException {
    List<URL> urls = new ArrayList<>();
    for (Path jar : jars) {
      urls.add(jar.toUri().toURL());
    }
    URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), DataPlugins.class.getClassLoader());
    List<Object> tools = new ArrayList<>();
    for (String type : Catalogue.classes(jars, Installed.kindOf(DataSource.class.getName()))) {
      try {
        tools.add(loader.loadClass(type).getConstructor().newInstance());
      } catch (ReflectiveOperationException | LinkageError e) {
        throw new Refused("the data plugin " + type + " cannot be made: " + e, e);
      }
    }
    return new DataPlugins(loader, new FixedPlugins(tools.toArray()));
  }

  List<PluginInfo> infos() {
    return plugins.infos();
  }

  Tools tools() {
    return holdings::choose;
  }

  @Override
  public void close() throws IOException {
    holdings.close();
    loader.close();
  }
}
