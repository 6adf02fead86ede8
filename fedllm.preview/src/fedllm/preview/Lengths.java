package fedllm.preview;

import java.util.Map;
import java.util.TreeMap;

/** How long examples are. */
final class Lengths {

  private static final int BAR = 40;

  private final TreeMap<Integer, Long> counts = new TreeMap<>();
  private long examples;
  private long total;

  void add(int length) {
    counts.merge(length, 1L, Long::sum);
    examples++;
    total += length;
  }

  void addAll(Lengths more) {
    more.counts.forEach((length, count) -> counts.merge(length, count, Long::sum));
    examples += more.examples;
    total += more.total;
  }

  long examples() {
    return examples;
  }

  long total() {
    return total;
  }

  int max() {
    return counts.isEmpty() ? 0 : counts.lastKey();
  }

  /** The smallest length that at least this share of the examples does not exceed. */
  int percentile(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * examples));
    long seen = 0;
    for (Map.Entry<Integer, Long> count : counts.entrySet()) {
      seen += count.getValue();
      if (seen >= wanted) {
        return count.getKey();
      }
    }
    return 0;
  }

  /** Bars, one for each doubling. */
  String bars() {
    TreeMap<Integer, Long> bars = new TreeMap<>();
    counts.forEach(
        (length, count) ->
            bars.merge(Integer.highestOneBit(Math.max(length, 1)), count, Long::sum));
    long longest = bars.values().stream().mapToLong(Long::longValue).max().orElse(1);
    StringBuilder text = new StringBuilder();
    bars.forEach(
        (from, count) ->
            text.append(
                "%9s %9s  %s%n"
                    .formatted(
                        from + "-" + (from == 1 ? 1 : 2L * from - 1),
                        "%,d".formatted(count),
                        "#".repeat((int) ((count * BAR + longest - 1) / longest)))));
    return text.toString();
  }
}
