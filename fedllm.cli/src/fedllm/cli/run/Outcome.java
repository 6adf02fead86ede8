package fedllm.cli.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.shell.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What came out of a job.
 *
 * @param job the job's file name
 * @param federation its federation
 * @param run the federated run
 * @param others the comparison's runs, by row
 * @param table every held-out loss
 * @param bytesUp what the updates of all rounds took
 * @param bytesFp32 what they would have taken as plain fp32
 * @param startSeconds until every silo had joined
 * @param runSeconds of the federated run
 */
public record Outcome(
    String job,
    String federation,
    RunView run,
    Map<String, RunView> others,
    List<Comparison.Cell> table,
    long bytesUp,
    long bytesFp32,
    double startSeconds,
    double runSeconds) {

  static Outcome of(
      String job,
      String federation,
      RunView run,
      Map<String, RunView> others,
      Comparison comparison,
      double startSeconds,
      double runSeconds) {
    return new Outcome(
        job,
        federation,
        run,
        others,
        comparison.cells(),
        updates(run).mapToLong(RoundView::bytesUp).sum(),
        updates(run).mapToLong(RoundView::bytesFp32).sum(),
        startSeconds,
        runSeconds);
  }

  /** Round 0 carries the initial state, no update. */
  private static Stream<RoundView> updates(RunView run) {
    return run.rounds().stream().filter(round -> round.number() > 0);
  }

  /** Whether every run came to its end. */
  public boolean completed() {
    return run.state() == RunState.COMPLETED
        && others.values().stream().allMatch(other -> other.state() == RunState.COMPLETED);
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
