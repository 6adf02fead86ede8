package fedllm.bench.soak;

import fedllm.api.run.RunView;
import fedllm.bench.Main;
import fedllm.bench.Row;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Links;
import fedllm.cli.run.LocalFederation;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Ten thousand small rounds of two silos that do not train. What server, silos and broker hold at
 * the end stands beside what they held when a tenth was over: memory, threads, open files; and
 * files and bytes on disk.
 */
public final class SoakBench implements Main.Bench {

  private static final int LOOK_MS = 5000;

  private final PrintStream out;

  /** Says what it does. */
  public SoakBench(PrintStream out) {
    this.out = out;
  }

  @Override
  public List<Row> run(String part, boolean quick) throws IOException, InterruptedException {
    int rounds = quick ? 500 : 10_000;
    Path folder = Files.createTempDirectory("fedllm-soak");
    try {
      Path file = folder.resolve("soak.yaml");
      Files.writeString(file, job(rounds));
      Workspace workspace = Workspace.here();
      Job job = Job.read(file, Variables.of(System.getenv(), workspace.root()));
      Path work = folder.resolve("work");
      try (LocalFederation federation = new LocalFederation(job, work, workspace, Links.OPEN)) {
        federation.start(job.silos());
        String id = federation.submit(job.submission().asWritten(), "soak.yaml");
        Snapshot early = at(rounds / 10, federation, id, work);
        Snapshot late = at(rounds, federation, id, work);
        return late.beside(early);
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private static String job(int rounds) {
    return """
    federation: soak
    trainer: { name: noise, bytes: 4096 }
    strategy: { name: fedavg }
    optimizer: { name: fedadam }
    protocol: { name: synchronous, rounds: %d, quorum: all }
    seed: 1
    silos:
      - { name: first }
      - { name: second }
    """
        .formatted(rounds);
  }

  /** Waits for a round, and looks at everything then. */
  private Snapshot at(int round, LocalFederation federation, String id, Path work)
      throws IOException, InterruptedException {
    for (RunView run = federation.run(id); ; run = federation.run(id)) {
      int closed = run.rounds().size() - 1;
      if (closed >= round) {
        return Snapshot.of(closed, federation, work);
      }
      if (run.state().ended()) {
        throw new IllegalStateException("the run ended: " + run.says());
      }
      out.printf("round %,d of %,d: %s%n", closed, round, Snapshot.of(closed, federation, work));
      Thread.sleep(LOOK_MS);
    }
  }

  /** What all hold after so many rounds; the server comes first and the broker last. */
  private record Snapshot(int rounds, List<Held> processes, long files, double megabytesOnDisk) {

    static Snapshot of(int rounds, LocalFederation federation, Path work) throws IOException {
      List<Held> held = new ArrayList<>();
      for (ProcessHandle process : federation.processes()) {
        held.add(Held.by(process));
      }
      List<Long> sizes = sizes(work);
      return new Snapshot(
          rounds, held, sizes.size(), sizes.stream().mapToLong(Long::longValue).sum() / 1e6);
    }

    /** Of all files; one that goes meanwhile has none. */
    private static List<Long> sizes(Path work) throws IOException {
      try (Stream<Path> all = Files.walk(work)) {
        return all.filter(Files::isRegularFile).map(Snapshot::size).toList();
      } catch (UncheckedIOException e) {
        return sizes(work); // a folder went while it was looked at
      }
    }

    private static long size(Path file) {
      try {
        return Files.size(file);
      } catch (NoSuchFileException e) {
        return 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    List<Row> beside(Snapshot early) {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < processes.size(); i++) {
        String who = i == 0 ? "server" : i == processes.size() - 1 ? "broker" : "silo-" + i;
        Held now = processes.get(i);
        Held then = early.processes.get(i);
        rows.add(new Row("soak." + who + ".anonMB", now.megabytes(), "MB", then.megabytes()));
        rows.add(new Row("soak." + who + ".threads", now.threads(), "", then.threads()));
        rows.add(new Row("soak." + who + ".files", now.files(), "", then.files()));
      }
      rows.add(new Row("soak.disk.files", files, "", early.files));
      rows.add(new Row("soak.disk.MB", megabytesOnDisk, "MB", early.megabytesOnDisk));
      return rows;
    }

    @Override
    public String toString() {
      StringBuilder all = new StringBuilder();
      for (Held held : processes) {
        all.append(
            "%.0f MB %d threads %d files, "
                .formatted(held.megabytes(), held.threads(), held.files()));
      }
      return all + "%d files %.1f MB on disk".formatted(files, megabytesOnDisk);
    }
  }
}
