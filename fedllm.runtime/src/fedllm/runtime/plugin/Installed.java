package fedllm.runtime.plugin;

import org.osgi.framework.Version;

/** A plugin that is installed on this node. */
public interface Installed {

  /** What it is called and what it takes. */
  PluginInfo info();

  /** Whether it fulfils a contract; a kind may have several. */
  boolean fulfils(Class<?> contract);

  /** Takes hold of the service: its bundle stays until the pin is closed. */
  <K> Pin<K> pin(Class<K> contract);

  /** A plugin in use. */
  interface Pin<K> extends AutoCloseable {

    /** The service. */
    K service();

    @Override
    void close();
  }

  /** The version of its bundle. */
  default Version version() {
    return Version.parseVersion(info().version());
  }

  /** The kind of a contract: the last part of its package's name. */
  static String kindOf(String contract) {
    String[] parts = contract.split("\\.");
    return parts.length < 2 ? "" : parts[parts.length - 2];
  }
}
