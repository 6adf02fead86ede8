package fedllm.learning.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Texts side by side. Each row holds one or, packed, several of them, one after the other; no text
 * sees another. Rows are padded at the right to the longest.
 *
 * @param rows how many
 * @param length tokens in each, with padding
 * @param ids what is fed, [rows * length]
 * @param segments which text of its row a token belongs to, from 1 on, 0 for padding
 * @param types what kind each token is; empty where all are 0
 * @param labels what is foretold, {@link #NONE} where nothing is: at each place, or one for a row
 * @param packed whether a row may hold more than one text
 * @param tokens how many tokens are fed, without padding
 * @param targets how many labels are not {@link #NONE}
 */
public record Batch(
    int rows,
    int length,
    long[] ids,
    long[] segments,
    long[] types,
    long[] labels,
    boolean packed,
    long tokens,
    long targets) {

  /** The label of a place where nothing is foretold. */
  public static final long NONE = -100;

  /** One row for each text. */
  public static Batch of(List<Row> texts) {
    return of(texts, 0);
  }

  /**
   * One row for each text.
   *
   * @param places how many places of its own an adapter puts before each text
   */
  public static Batch of(List<Row> texts, int places) {
    return lay(texts.stream().map(List::of).toList(), places, false);
  }

  /**
   * Several texts to a row, each text in the first row that has room.
   *
   * @param length tokens in a row at most; a longer text has a row of its own
   */
  public static Batch pack(List<Row> texts, int length, int places) {
    List<List<Row>> rows = new ArrayList<>();
    List<Integer> used = new ArrayList<>();
    for (Row text : texts) {
      int needed = text.length() + places;
      int at = 0;
      while (at < rows.size() && used.get(at) + needed > length) {
        at++;
      }
      if (at == rows.size()) {
        rows.add(new ArrayList<>());
        used.add(0);
      }
      rows.get(at).add(text);
      used.set(at, used.get(at) + needed);
    }
    return lay(rows, places, true);
  }

  private static Batch lay(List<List<Row>> rows, int places, boolean packed) {
    int length = 0;
    boolean perToken = true;
    boolean typed = false;
    for (List<Row> row : rows) {
      int sum = 0;
      for (Row text : row) {
        sum += text.length() + places;
        perToken &= text.labels().length == text.length();
        typed |= text.types().length > 0;
      }
      length = Math.max(length, sum);
    }
    int labelled = perToken ? length : 1;
    long[] ids = new long[rows.size() * length];
    long[] segments = new long[ids.length];
    long[] types = new long[typed ? ids.length : 0];
    long[] labels = new long[rows.size() * labelled];
    Arrays.fill(labels, NONE);
    long tokens = 0;
    long targets = 0;
    for (int r = 0; r < rows.size(); r++) {
      int at = r * length;
      int segment = 0;
      for (Row text : rows.get(r)) {
        segment++;
        tokens += text.length();
        targets += text.targets();
        for (int i = -places; i < text.length(); i++, at++) {
          ids[at] = i < 0 ? -1 - (i + places) : text.ids()[i];
          segments[at] = segment;
          if (i >= 0 && perToken) {
            labels[at] = text.labels()[i];
          }
          if (i >= 0 && text.types().length > 0) {
            types[at] = text.types()[i];
          }
        }
        if (!perToken) {
          labels[r] = text.labels()[0];
        }
      }
    }
    return new Batch(rows.size(), length, ids, segments, types, labels, packed, tokens, targets);
  }

  /** One row alone, without its padding. */
  public Batch row(int row) {
    int from = row * length;
    int to = from;
    while (to < from + length && segments[to] != 0) {
      to++;
    }
    boolean perToken = labels.length == ids.length;
    long[] mine =
        perToken ? Arrays.copyOfRange(labels, from, to) : Arrays.copyOfRange(labels, row, row + 1);
    return new Batch(
        1,
        to - from,
        Arrays.copyOfRange(ids, from, to),
        Arrays.copyOfRange(segments, from, to),
        types.length == 0 ? types : Arrays.copyOfRange(types, from, to),
        mine,
        packed,
        to - from,
        Arrays.stream(mine).filter(label -> label != NONE).count());
  }

  /** Whether any row is shorter than the longest. */
  public boolean padded() {
    for (long segment : segments) {
      if (segment == 0) {
        return true;
      }
    }
    return false;
  }
}
