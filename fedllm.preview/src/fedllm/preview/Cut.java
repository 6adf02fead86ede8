package fedllm.preview;

import fedllm.api.data.DataSource;
import fedllm.api.data.Partitioner;
import fedllm.api.data.Row;
import fedllm.api.plugin.Choice;
import fedllm.runtime.data.FileSpec;
import fedllm.runtime.data.Part;
import fedllm.runtime.data.Parting;
import fedllm.runtime.data.Tools;
import fedllm.shell.Columns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How a file is cut: the parts' sizes, and which labels are in which. */
final class Cut {

  /** Labels that have a column of their own. */
  private static final int SHOWN = 6;

  private static final int WIDTH = 14;

  /** Labels that are counted; a field with more is no label. */
  private static final int MOST = 10_000;

  private final long[] sizes;
  private final Map<String, long[]> labels = new HashMap<>();

  private Cut(int parts) {
    sizes = new long[parts];
  }

  /** What tells one cut from another; parts of one cut are equal here. */
  record Key(Path path, int of, String partitioner, Map<String, Object> options, long seed) {
    static Key of(FileSpec file) {
      Part part = file.part();
      return new Key(file.path(), part.of(), part.partitioner(), part.options(), part.seed());
    }

    /** The field that the cut goes by, or an empty text. */
    String by() {
      return options.getOrDefault("by", "").toString();
    }

    @Override
    public String toString() {
      return "%s in %,d parts by %s%s, seed %d"
          .formatted(
              path.getFileName(), of, partitioner, options.isEmpty() ? "" : " " + options, seed);
    }
  }

  /** Reads a file once, and counts the labels in a field; empty for none. */
  static Cut of(FileSpec file, Tools tools, String label) {
    Part part = file.part();
    Choice<DataSource> source = tools.choose(DataSource.class, file.format(), file.options());
    Choice<Partitioner> cutter =
        tools.choose(Partitioner.class, part.partitioner(), part.options());
    Cut cut = new Cut(part.of());
    Parting parting =
        new Parting(file, cutter.plugin().open(cutter.options(), part.of(), part.seed()));
    try (Stream<Row> rows = source.plugin().read(source.options(), file.path())) {
      for (Iterator<Row> each = rows.iterator(); each.hasNext(); ) {
        Row row = each.next();
        cut.add(parting.part(row), row.fields().get(label));
      }
    }
    return cut;
  }

  private void add(int part, String label) {
    sizes[part]++;
    if (label != null && (labels.containsKey(label) || labels.size() < MOST)) {
      labels.computeIfAbsent(label, none -> new long[sizes.length])[part]++;
    }
  }

  @Override
  public String toString() {
    long all = 0;
    for (long size : sizes) {
      all += size;
    }
    List<Map.Entry<String, long[]>> sorted = new ArrayList<>(labels.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, long[]> label) -> -sum(label.getValue()))
            .thenComparing(Map.Entry::getKey));
    List<Map.Entry<String, long[]>> shown = sorted.subList(0, Math.min(SHOWN, sorted.size()));
    List<Object> titles = new ArrayList<>(List.of("PART", "ROWS", "SHARE"));
    if (!labels.isEmpty()) {
      titles.add("LABELS");
      shown.forEach(label -> titles.add(title(label.getKey())));
    }
    Columns table = Columns.of(titles.stream().map(Object::toString).toArray(String[]::new));
    for (int part = 0; part < sizes.length; part++) {
      int at = part;
      List<Object> cells = new ArrayList<>();
      cells.add(part + 1);
      cells.add("%,d".formatted(sizes[part]));
      cells.add("%.1f %%".formatted(100.0 * sizes[part] / Math.max(1, all)));
      if (!labels.isEmpty()) {
        cells.add(labels.values().stream().filter(counts -> counts[at] > 0).count());
        shown.forEach(label -> cells.add("%,d".formatted(label.getValue()[at])));
      }
      table.row(cells.toArray());
    }
    return table
        + (sorted.size() > shown.size()
            ? "the %d most frequent of %s labels have a column%n"
                .formatted(shown.size(), sorted.size() == MOST ? "too many" : sorted.size())
            : "");
  }

  private static String title(String label) {
    String line = label.isBlank() ? "(blank)" : label.lines().findFirst().orElse("");
    return line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…";
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
