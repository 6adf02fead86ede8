package fedllm.api.run;

/**
 * A plugin that a run uses.
 *
 * @param kind its kind, such as {@code strategy}
 * @param name its name
 * @param version the version of its bundle
 */
public record UsedPlugin(String kind, String name, String version) {
  @Override
  public String toString() {
    return kind + " " + name + " " + version;
  }
}
