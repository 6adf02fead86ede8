package fedllm.bench.training;

import fedllm.bench.Main;
import fedllm.bench.Row;
import fedllm.format.Dtype;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Steps of LoRA, 4 texts of 256 tokens, rank 8, one thread, in processor time of that thread. The
 * reference is a product of square matrices by the same route, in turns with the steps. Then
 * clients side by side, checkpoints, memory over many steps, loading and generating.
 */
public final class TrainingBench implements Main.Bench {

  private final PrintStream out;

  /** Says what it does. */
  public TrainingBench(PrintStream out) {
    this.out = out;
  }

  @Override
  public List<Row> run(String part, boolean quick) throws IOException {
    List<Row> rows = new ArrayList<>();
    Path folder = Files.createTempDirectory("fedllm-training");
    try {
      if (part.isEmpty() || part.startsWith("24M")) {
        Path model = Shape.SMALL.write(folder.resolve("24M"), Dtype.F32);
        rows.addAll(new Steps(out, Shape.SMALL, quick).measure(model));
      }
      if (part.isEmpty() || part.startsWith("clients")) {
        Path model = Shape.SMALL.write(folder.resolve("clients"), Dtype.BF16);
        rows.addAll(new Clients(model, quick).measure());
      }
      if (part.isEmpty() || part.startsWith("memory")) {
        rows.addAll(new Growth(folder.resolve("memory"), quick).measure());
      }
      if (part.isEmpty() || part.startsWith("134M")) {
        Path model = Shape.LARGE.write(folder.resolve("134M"), Dtype.F32);
        if (!part.endsWith("reading")) {
          rows.addAll(new Steps(out, Shape.LARGE, quick).measure(model));
        }
        rows.addAll(new Reading(Shape.LARGE, model, quick).measure());
      }
    } finally {
      delete(folder);
    }
    return rows;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
