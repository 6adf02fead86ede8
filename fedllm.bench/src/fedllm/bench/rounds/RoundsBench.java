package fedllm.bench.rounds;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import fedllm.bench.Main;
import fedllm.bench.Row;
import fedllm.cli.broker.Broker;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Links;
import fedllm.cli.run.LocalFederation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whole rounds with clients that do not train: broadcast, upload, every check, fold, recorded
 * state. The reference is a bare round: the same uploads through the same broker, and nothing else.
 */
public final class RoundsBench implements Main.Bench {

  private static final int MB = 1 << 20;

  /** Looks at the server's memory for each question to it. */
  private static final int LOOKS = 6;

  private final PrintStream out;

  /** Says what it does. */
  public RoundsBench(PrintStream out) {
    this.out = out;
  }

  @Override
  public List<Row> run(String part, boolean quick) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (int clients : quick ? new int[] {4} : new int[] {2, 4, 8}) {
      int[] sizes =
          IntStream.of(quick ? new int[] {1, 16} : new int[] {1, 16, 128})
              .filter(size -> (clients + "x" + size + "MB").startsWith(part))
              .toArray();
      Map<Integer, Figures> bare = sizes.length == 0 ? Map.of() : bare(clients, sizes);
      for (int megabytes : sizes) {
        out.printf("measuring %d clients x %d MB%n", clients, megabytes);
        rows.addAll(measure(clients, megabytes, bare.get(megabytes)));
      }
    }
    if ("gateway".startsWith(part)) {
      rows.addAll(gateway(quick ? 1000 : 10_000));
    }
    return rows;
  }

  /** Many small clients behind one gateway; the bare round is one silo with as many bytes. */
  private List<Row> gateway(int clients) throws IOException {
    int kilobytes = 100;
    int megabytes = clients * kilobytes / 1000;
    out.printf("measuring a gateway of %,d clients x %d KB%n", clients, kilobytes);
    Figures bare = bare(1, new int[] {megabytes}).get(megabytes);
    String job =
        """
        federation: bench
        trainer: { name: noise, bytes: %d }
        strategy: { name: fedavg }
        planner: { name: everyone, clients: %d }
        protocol: { name: synchronous, rounds: 8, quorum: all }
        seed: 1
        silos:
          - { name: phones, clients: %d }
        """
            .formatted(kilobytes * 1000, clients, clients);
    return measure(job, 3, 8, "rounds.gateway." + clients + "x100KB.", megabytes, bare);
  }

  private static Map<Integer, Figures> bare(int clients, int[] sizes) throws IOException {
    Map<Integer, Figures> figures = new HashMap<>();
    Path folder = Files.createTempDirectory("fedllm-bare");
    try (Broker broker = Broker.start(folder)) {
      for (int megabytes : sizes) {
        try (BareRound round = new BareRound(broker, clients, Map.of())) {
          figures.put(megabytes, Figures.median(5, () -> round.of(megabytes * MB)));
        }
      }
    } finally {
      delete(folder);
    }
    return figures;
  }

  private List<Row> measure(int clients, int megabytes, Figures bare) throws IOException {
    int warmUp = megabytes >= 128 ? 3 : 30; // until what is hot is compiled
    int rounds = warmUp + (megabytes >= 128 ? 7 : 30);
    String name = "rounds." + clients + "x" + megabytes + "MB.";
    String job = job(clients, (long) megabytes * MB, rounds);
    return measure(job, warmUp, rounds, name, clients * megabytes, bare);
  }

  /** Runs a job whose rounds bring so many megabytes each. */
  private List<Row> measure(
      String text, int warmUp, int rounds, String name, int megabytes, Figures bare)
      throws IOException {
    Path folder = Files.createTempDirectory("fedllm-rounds");
    try {
      Path file = folder.resolve("rounds.yaml");
      Files.writeString(file, text);
      Workspace workspace = Workspace.here();
      Job job = Job.read(file, Variables.of(System.getenv(), workspace.root()));
      try (LocalFederation federation =
          new LocalFederation(job, folder.resolve("work"), workspace, Links.OPEN)) {
        federation.start(job.silos());
        String id = federation.submit(job.submission().asWritten(), "rounds.yaml");
        Peak memory = new Peak(federation.nodes().get(0).process());
        RunView run = awaitRounds(federation, id, warmUp + 1, memory);
        int from = run.rounds().size();
        out.printf("  rounds %d to %d count%n", from, rounds);
        Used before = Used.by(federation.processes());
        run = awaitRounds(federation, id, rounds + 1, memory);
        Used used = Used.by(federation.processes()).since(before);
        List<RoundView> measured = run.rounds().subList(from, run.rounds().size());
        double gigabytes = (double) measured.size() * megabytes * MB / 1e9;
        return rows(name, megabytes, median(measured), used.per(gigabytes), memory, bare);
      }
    } finally {
      delete(folder);
    }
  }

  private static List<Row> rows(
      String name, int megabytes, double seconds, Used used, Peak memory, Figures bare) {
    double megabytesPerSecond = (double) megabytes * MB / 1e6 / seconds;
    return List.of(
        new Row(name + "seconds", seconds, "s", bare.seconds()),
        new Row(name + "MBps", megabytesPerSecond, "MB/s", bare.megabytesPerSecond()),
        new Row(name + "cpuSecondsPerGB", used.all(), "CPU-s/GB", bare.cpuSecondsPerGigabyte()),
        new Row(name + "server.cpuSecondsPerGB", used.server(), "CPU-s/GB", used.all()),
        new Row(name + "silos.cpuSecondsPerGB", used.silos(), "CPU-s/GB", used.all()),
        new Row(name + "broker.cpuSecondsPerGB", used.broker(), "CPU-s/GB", used.all()),
        new Row(name + "serverAnonMB", memory.megabytes(), "MB", megabytes));
  }

  private static String job(int clients, long bytes, int rounds) {
    String silos =
        IntStream.rangeClosed(1, clients)
            .mapToObj(i -> "  - { name: client-" + i + " }")
            .collect(Collectors.joining("\n"));
    return """
    federation: bench
    trainer: { name: noise, bytes: %d }
    strategy: { name: fedavg }
    protocol: { name: synchronous, rounds: %d, quorum: all }
    seed: 1
    silos:
    %s
    """
        .formatted(bytes, rounds, silos);
  }

  private static RunView awaitRounds(LocalFederation federation, String id, int count, Peak memory)
      throws IOException {
    for (int i = 0; ; i++) {
      memory.look();
      if (i % LOOKS == 0) { // a question costs the server time
        RunView run = federation.run(id);
        if (run.rounds().size() >= count) {
          return run;
        }
        if (run.state().ended()) {
          throw new IllegalStateException("the run ended: " + run.says());
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private static double median(List<RoundView> rounds) {
    return rounds.stream().map(RoundView::seconds).sorted().toList().get(rounds.size() / 2);
  }

  /** Processor time by role. */
  private record Used(double server, double silos, double broker) {

    /** So far; the server comes first and the broker last. */
    static Used by(List<ProcessHandle> all) {
      int last = all.size() - 1;
      return new Used(
          Figures.cpuSeconds(all.subList(0, 1)),
          Figures.cpuSeconds(all.subList(1, last)),
          Figures.cpuSeconds(all.subList(last, last + 1)));
    }

    Used since(Used before) {
      return new Used(server - before.server, silos - before.silos, broker - before.broker);
    }

    Used per(double gigabytes) {
      return new Used(server / gigabytes, silos / gigabytes, broker / gigabytes);
    }

    double all() {
      return server + silos + broker;
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
