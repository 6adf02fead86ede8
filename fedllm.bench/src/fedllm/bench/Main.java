package fedllm.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.bench.rounds.RoundsBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./fedllm bench}: runs measurements, prints them, and writes them for programs. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures the product, beside the limits of this machine.")
public final class Main implements Callable<Integer> {

  /** A measurement. */
  public interface Bench {

    /** Measures; {@code quick} is for a look, not for a document. */
    List<Row> run(boolean quick) throws IOException, InterruptedException;
  }

  private static final Map<String, Bench> BENCHES =
      new TreeMap<>(Map.of("rounds", new RoundsBench(System.out)));

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "which one; all without")
  private String name;

  @Option(names = "--quick", description = "smaller and fewer")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "writes the figures to FILE")
  private Path json;

  /** The program. */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (name != null && !BENCHES.containsKey(name)) {
      System.err.println("no measurement is called " + name + "; there are " + BENCHES.keySet());
      return 2;
    }
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, Bench> bench : BENCHES.entrySet()) {
      if (name == null || name.equals(bench.getKey())) {
        rows.addAll(bench.getValue().run(quick));
      }
    }
    System.out.printf("%-40s %12s %-8s %12s %8s%n", "NAME", "VALUE", "UNIT", "REFERENCE", "RATIO");
    rows.forEach(System.out::println);
    if (json != null) {
      Files.write(
          json, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(rows));
    }
    return 0;
  }
}
