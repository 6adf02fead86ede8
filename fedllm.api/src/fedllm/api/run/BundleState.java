package fedllm.api.run;

/**
 * How a published bundle stands at one node.
 *
 * @param name its symbolic name
 * @param version its version
 * @param sha256 of what was published
 * @param state {@link BundleView#RUNS}, {@link BundleView#WAITS}, {@link BundleView#REFUSED},
 *     {@link #ARRIVES} or {@link #GONE}
 * @param says why it is refused or waits
 */
public record BundleState(String name, String version, String sha256, String state, String says) {

  /** It is on its way. */
  public static final String ARRIVES = "arrives";

  /** It was asked, and has not answered yet. */
  public static final String UNKNOWN = "has not said";

  /** It was withdrawn, and is not there. */
  public static final String GONE = "gone";
}
