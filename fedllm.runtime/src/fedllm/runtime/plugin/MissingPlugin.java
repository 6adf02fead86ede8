package fedllm.runtime.plugin;

/** A plugin that this node needs and does not have. */
public final class MissingPlugin extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String kind;
  private final String name;
  private final String version;

  /** Names it; {@code version} may be null for any. */
  public MissingPlugin(String kind, String name, String version) {
    super(kind + " " + name + (version == null ? "" : " " + version) + " is not installed");
    this.kind = kind;
    this.name = name;
    this.version = version;
  }

  /** Its kind. */
  public String kind() {
    return kind;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** The one version that would do; null for any. */
  public String version() {
    return version;
  }
}
