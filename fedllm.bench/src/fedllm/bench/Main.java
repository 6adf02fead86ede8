package fedllm.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.bench.aggregate.AggregateBench;
import fedllm.bench.rounds.RoundsBench;
import fedllm.bench.secagg.SecAggBench;
import fedllm.bench.soak.SoakBench;
import fedllm.bench.training.TrainingBench;
import fedllm.bench.transport.TransportBench;
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

    /**
     * Measures.
     *
     * @param part what the names of figures go on with, such as {@code 4x128MB}; empty for all
     * @param quick for a look, not for a document
     */
    List<Row> run(String part, boolean quick) throws IOException, InterruptedException;
  }

  private static final Map<String, Bench> BENCHES =
      new TreeMap<>(
          Map.of(
              "aggregate", new AggregateBench(System.out),
              "rounds", new RoundsBench(System.out),
              "secagg", new SecAggBench(System.out),
              "soak", new SoakBench(System.out),
              "training", new TrainingBench(System.out),
              "transport", new TransportBench(System.out)));

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "which one, or a part of one such as rounds.4x128MB; all without")
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
    String bench = name == null ? "" : name.replaceFirst("\\..*", "");
    String part = name == null || bench.equals(name) ? "" : name.substring(bench.length() + 1);
    if (name != null && !BENCHES.containsKey(bench)) {
      System.err.println("no measurement is called " + name + "; there are " + BENCHES.keySet());
      return 2;
    }
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, Bench> each : BENCHES.entrySet()) {
      if (name == null || bench.equals(each.getKey())) {
        rows.addAll(each.getValue().run(part, quick));
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
