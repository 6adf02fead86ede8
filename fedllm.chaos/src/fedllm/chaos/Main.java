package fedllm.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.cli.Standalone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./fedllm chaos}: kills, compares, prints, and ends with 1 where something differs. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Kills each part of a federation of this machine in each phase of a round by kill -9, starts"
          + " it again, and looks whether the run ends with the bytes of an undisturbed one.",
      "Victims: coordinator, standby, silo, broker. The server folds, so that there is no"
          + " aggregator to kill.",
      "Phases: ordered, training, upload, closing, aggregating, committing."
    })
public final class Main implements Callable<Integer> {

  @Option(
      names = "--cell",
      paramLabel = "VICTIM:PHASE",
      description = "only this one; may be said again")
  private List<String> cells = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "8",
      description = "rounds of each run, ${DEFAULT-VALUE} where not said")
  private int rounds;

  @Option(names = "--json", paramLabel = "FILE", description = "writes the table to FILE")
  private Path json;

  /** The program. */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error"); // a broker will be away
    Standalone.run(new Main(), args);
  }

  @Override
  public Integer call() throws IOException {
    if (rounds < Matrix.FEWEST_ROUNDS) {
      throw new Refused(
          "--rounds "
              + rounds
              + " is too few to kill in one; say "
              + Matrix.FEWEST_ROUNDS
              + " or more");
    }
    List<Cell> wanted = cells.isEmpty() ? Cell.all() : cells.stream().map(Cell::of).toList();
    Path work = Files.createTempDirectory("fedllm-chaos");
    List<Row> rows = new Matrix(rounds, System.err::println).run(wanted, work);
    System.out.println(Row.head());
    rows.forEach(System.out::println);
    if (json != null) {
      Files.write(
          json, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(rows));
    }
    if (rows.stream().allMatch(Row::ok)) {
      delete(work);
      return 0;
    }
    System.err.println("fedllm: not all is as expected; states and logs are in " + work);
    return 1;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
