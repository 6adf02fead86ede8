package fedllm.api.run;

/**
 * A jar of a node's plugins folder.
 *
 * @param file its name there
 * @param name its symbolic name, or empty where it was refused
 * @param version its version, or empty where it was refused
 * @param sha256 of its bytes, or empty where they cannot be read
 * @param state {@link #RUNS}, {@link #WAITS} or {@link #REFUSED}
 * @param says why it is refused or waits, or what let it in
 */
public record BundleView(
    String file, String name, String version, String sha256, String state, String says) {

  /** It is installed and started. */
  public static final String RUNS = "runs";

  /** It is installed, and cannot start on this node. */
  public static final String WAITS = "waits";

  /** It was not installed. */
  public static final String REFUSED = "refused";
}
