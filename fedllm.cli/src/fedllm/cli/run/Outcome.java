package fedllm.cli.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.UsedPlugin;
import fedllm.shell.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came out of a job. Its JSON is a promise to programs: every key is there whatever happened,
 * and none changes its meaning.
 *
 * @param run the run's id; empty if it never began
 * @param job the job's file name
 * @param federation its federation; empty if the job could not be read
 * @param base the base model's fingerprint; empty while unknown
 * @param plugins what the run used last
 * @param rounds the closed ones; round 0 is the state that the run started from
 * @param result where the adapter lies; null if there is none
 * @param table every held-out number; left out of the runs in {@code others}
 * @param exit how it ended
 * @param others the comparison's runs, by row; left out of themselves
 * @param seconds how long it took
 * @param bytesUp what the updates of all rounds took
 * @param bytesDown what the members of all rounds received
 * @param bytesFp32 what the updates would have taken as plain fp32
 * @param cost what the run took of this machine; left out of the runs in {@code others}, which
 *     share its processes
 */
public record Outcome(
    String run,
    String job,
    String federation,
    String base,
    List<UsedPlugin> plugins,
    List<Closed> rounds,
    @JsonProperty("final") ResultView result,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<Comparison.Cell> table,
    Exit exit,
    @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, Outcome> others,
    Seconds seconds,
    long bytesUp,
    long bytesDown,
    long bytesFp32,
    @JsonInclude(JsonInclude.Include.NON_NULL) Consumption cost) {

  /** A run that came to its end, as did those that it is compared with. */
  public static final String COMPLETED = "COMPLETED";

  /**
   * How a run ended.
   *
   * @param state {@link #COMPLETED}, {@code FAILED}, {@code CANCELLED}, {@code INTERRUPTED}, or
   *     {@code REFUSED} if it never began
   * @param reason empty if it completed
   */
  public record Exit(String state, String reason) {}

  /**
   * How long it took.
   *
   * @param start until every silo had joined
   * @param run from the submission to the end of the run
   */
  public record Seconds(double start, double run) {}

  /**
   * A closed round.
   *
   * @param clients whose updates count
   * @param absent who sat out, and why
   * @param metrics of the state that the round ended with, by client; empty if nobody measured
   */
  public record Closed(
      int number,
      List<String> clients,
      Map<String, String> absent,
      double seconds,
      long bytesUp,
      long bytesDown,
      long bytesFp32,
      Map<String, Map<String, Double>> metrics,
      String sha256,
      List<UsedPlugin> plugins,
      List<String> changes) {

    static Closed of(RoundView round, Map<String, String> absent) {
      return new Closed(
          round.number(),
          round.members(),
          absent,
          round.seconds(),
          round.bytesUp(),
          round.bytesDown(),
          round.bytesFp32(),
          round.metrics(),
          round.sha256(),
          round.plugins(),
          round.changes());
    }
  }

  /** Whether every run came to its end. */
  public boolean completed() {
    return exit.state().equals(COMPLETED);
  }

  /** Writes everything for programs. */
  public void write(Path file) throws IOException {
    Files.write(file, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /** What the updates weighed, in a line. */
  String traffic() {
    return String.format(
        Locale.ROOT,
        "updates took %s, %.2f of the %s that plain fp32 takes",
        Numbers.bytes(bytesUp),
        (double) bytesUp / bytesFp32,
        Numbers.bytes(bytesFp32));
  }
}
