package fedllm.bench.transport;

import fedllm.bench.Main;
import fedllm.bench.Row;
import fedllm.bench.rounds.BareRound;
import fedllm.bench.rounds.Figures;
import fedllm.cli.broker.Broker;
import fedllm.cli.broker.Certificates;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Bare rounds by mutual TLS, by the ciphers that the platform asks for; the reference is the same
 * in plaintext. The two take turns, so that whatever else the machine does is in both.
 */
public final class TransportBench implements Main.Bench {

  private static final int MB = 1 << 20;

  private final PrintStream out;

  /** Says what it does. */
  public TransportBench(PrintStream out) {
    this.out = out;
  }

  @Override
  public List<Row> run(String part, boolean quick) throws IOException {
    List<Row> rows = new ArrayList<>();
    Path folder = Files.createTempDirectory("fedllm-transport");
    try {
      Certificates certificates = Certificates.make(folder.resolve("certificates"));
      Path secured = Files.createDirectories(folder.resolve("secured"));
      // Both have the second compiler: the cipher is what is to be compared.
      try (Broker open = Broker.startWarm(folder.resolve("open"));
          Broker secure = Broker.startSecure(secured, certificates)) {
        for (int clients : new int[] {1, 4}) {
          int megabytes = (quick ? 64 : 256) / clients;
          String name = "tls." + clients + "x" + megabytes + "MB";
          if (name.startsWith(part)) {
            out.printf("measuring %s%n", name);
            try (BareRound plain = new BareRound(open, clients, Map.of());
                BareRound tls = new BareRound(secure, clients, certificates.client("admin"))) {
              rows.addAll(inTurns("transport." + name, plain, tls, megabytes * MB, quick ? 3 : 9));
            }
          }
        }
      }
    } finally {
      delete(folder);
    }
    return rows;
  }

  /** The first of each is a warm-up, in which the ciphers are compiled. */
  private static List<Row> inTurns(
      String name, BareRound plain, BareRound tls, int bytes, int times) {
    List<Figures> references = new ArrayList<>();
    List<Figures> values = new ArrayList<>();
    for (int i = 0; i <= times; i++) {
      Figures reference = plain.of(bytes);
      Figures value = tls.of(bytes);
      if (i > 0) {
        references.add(reference);
        values.add(value);
      }
    }
    Figures reference = median(references);
    Figures value = median(values);
    return List.of(
        new Row(name + ".MBps", value.megabytesPerSecond(), "MB/s", reference.megabytesPerSecond()),
        new Row(
            name + ".cpuSecondsPerGB",
            value.cpuSecondsPerGigabyte(),
            "CPU-s/GB",
            reference.cpuSecondsPerGigabyte()));
  }

  private static Figures median(List<Figures> all) {
    all.sort(Comparator.comparingDouble(Figures::seconds));
    return all.get(all.size() / 2);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
