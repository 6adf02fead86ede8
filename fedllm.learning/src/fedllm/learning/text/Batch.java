package fedllm.learning.text;

import java.util.Arrays;
import java.util.List;

/**
 * Examples side by side, padded at the right to the longest.
 *
 * @param rows how many
 * @param length tokens in each, with padding
 * @param ids what is fed
 * @param labels what is foretold at each place, {@link #NONE} where nothing is
 * @param tokens how many tokens are fed, without padding
 * @param targets how many labels are not {@link #NONE}
 */
public record Batch(int rows, int length, long[] ids, long[] labels, long tokens, long targets) {

  /** The label of a place where nothing is foretold. */
  public static final long NONE = -100;

  /** The batch of some rows. */
  public static Batch of(List<Row> rows) {
    int length = rows.stream().mapToInt(Row::length).max().orElseThrow();
    long[] ids = new long[rows.size() * length];
    long[] labels = new long[rows.size() * length];
    Arrays.fill(labels, NONE);
    long tokens = 0;
    long targets = 0;
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      tokens += row.length();
      for (int i = 0; i < row.length(); i++) {
        ids[r * length + i] = row.ids()[i];
        if (row.counts(i + 1)) {
          labels[r * length + i] = row.ids()[i + 1];
          targets++;
        }
      }
    }
    return new Batch(rows.size(), length, ids, labels, tokens, targets);
  }
}
