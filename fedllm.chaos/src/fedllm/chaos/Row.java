package fedllm.chaos;

/**
 * What became of a cell.
 *
 * @param victim who was killed
 * @param phase in which phase of a round
 * @param fault what was done to it
 * @param seen what the log held at the kill, as far as it was read
 * @param resumed seconds from the kill until the next round closed; negative where none did
 * @param sha256 of the last recorded state; empty where there is none
 * @param expected of the undisturbed run's last state; where members depend on who was late, of the
 *     same run made again from its log
 * @param ok whether every round's state was as expected, and the run completed
 * @param skipped whether this machine cannot do it
 * @param says why not; empty otherwise
 */
public record Row(
    String victim,
    String phase,
    String fault,
    String seen,
    double resumed,
    String sha256,
    String expected,
    boolean ok,
    boolean skipped,
    String says) {

  /** Of what cannot be done here. */
  static Row skipped(Cell cell, String fault, String why) {
    return new Row(
        cell.victim().toString(),
        cell.phase().toString(),
        fault,
        "",
        -1,
        "",
        "",
        false,
        true,
        "skipped: " + why);
  }

  /** The line above all. */
  public static String head() {
    return "%-12s %-12s %-12s %8s  %-10s %-10s %-3s  %s"
        .formatted("VICTIM", "PHASE", "FAULT", "RESUMED", "SHA256", "EXPECTED", "OK", "SEEN");
  }

  @Override
  public String toString() {
    return "%-12s %-12s %-12s %8s  %-10s %-10s %-3s  %s"
        .formatted(
            victim,
            phase,
            fault,
            resumed < 0 ? "-" : "%.1f s".formatted(resumed),
            start(sha256),
            start(expected),
            skipped ? "-" : ok ? "yes" : "NO",
            says.isEmpty() ? seen : seen.isEmpty() ? says : seen + "; " + says);
  }

  private static String start(String hash) {
    return hash.isEmpty() ? "-" : hash.substring(0, 8);
  }
}
