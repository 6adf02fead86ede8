package fedllm.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.cli.Standalone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./fedllm chaos}: kills, compares, prints, and ends with 1 where something differs. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Kills each part of a federation of this machine in each phase of a round by kill -9, starts"
          + " it again, and looks whether the run ends with the bytes of an undisturbed one.",
      "Victims: coordinator, standby, silo, broker. The server folds, so that there is no"
          + " aggregator to kill.",
      "Phases: ordered, training, upload, closing, aggregating, committing.",
      "And does to it what lasts a while: paused, cut (its network), full (its disk), clock. Rounds"
          + " close by a learnt deadline; the run has to complete, and its log to give its bytes"
          + " again. What this machine does not permit is skipped by name."
    })
public final class Main implements Callable<Integer> {

  @Option(
      names = "--cell",
      paramLabel = "VICTIM:PHASE|FAULT",
      description = "only this one; may be said again")
  private List<String> cells = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "8",
      description = "rounds of each run, ${DEFAULT-VALUE} where not said")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "how long lasts what lasts, ${DEFAULT-VALUE} where not said")
  private int seconds;

  @Spec private CommandSpec spec;

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
    List<Cell> wanted =
        cells.isEmpty()
            ? Stream.concat(Cell.all().stream(), Cell.lasting().stream()).toList()
            : cells.stream().map(Cell::of).toList();
    List<Cell> kills = wanted.stream().filter(Cell::kills).toList();
    List<Cell> lasting = wanted.stream().filter(cell -> !cell.kills()).toList();
    if (!lasting.isEmpty()) {
      List<String> arguments = spec.commandLine().getParseResult().originalArgs();
      Optional<Integer> done = Machines.entered(arguments.toArray(String[]::new));
      if (done.isPresent()) {
        return done.get();
      }
    }
    Path work = Files.createTempDirectory("fedllm-chaos");
    List<Row> rows = new ArrayList<>();
    if (!kills.isEmpty()) {
      Path folder = Files.createDirectory(work.resolve("kills"));
      rows.addAll(new Matrix(rounds, System.err::println).run(kills, folder));
    }
    if (!lasting.isEmpty()) {
      Path folder = Files.createDirectory(work.resolve("lasting"));
      rows.addAll(new Trouble(seconds, System.err::println).run(lasting, folder));
    }
    System.out.println(Row.head());
    rows.forEach(System.out::println);
    if (json != null) {
      Files.write(
          json, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(rows));
    }
    if (rows.stream().allMatch(row -> row.ok() || row.skipped())) {
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
