package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.data.Row;
import fedllm.api.plugin.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every partitioner promises. */
public interface PartitionerContract {

  /** The plugin. */
  Partitioner partitioner();

  /** Its options, for rows with the fields {@code text} and {@code label}. */
  default Options options() {
    return TestOptions.none();
  }

  /** Rows for the contract's tests: 40 labels, none of them as frequent as another. */
  static List<Row> rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              int label = (int) (40 * Math.pow((i * 7919L % count) / (double) count, 2));
              return new Row(i + 2L, Map.of("text", "secret " + i, "label", "secret l" + label));
            })
        .toList();
  }

  /** The parts of some rows, in order. */
  default List<Integer> cut(List<Row> rows, int parts, long seed) {
    Partition partition = partitioner().open(options(), parts, seed);
    List<Integer> cut = new ArrayList<>();
    for (Row row : rows) {
      cut.add(partition.part(cut.size(), row));
    }
    return cut;
  }

  @Test
  default void putsEveryRowIntoAPartThatIsThere() {
    for (int parts : new int[] {1, 2, 3, 10, 997}) {
      for (int part : cut(rows(2000), parts, 42)) {
        assertTrue(part >= 0 && part < parts, part + " of " + parts);
      }
    }
  }

  @Test
  default void cutsTheSameAgain() {
    assertEquals(cut(rows(2000), 7, 42), cut(rows(2000), 7, 42));
  }

  @Test
  default void cutsOtherwiseWithAnotherSeed() {
    assertNotEquals(cut(rows(2000), 7, 42), cut(rows(2000), 7, 43));
  }

  @Test
  default void goesByNoRowThatIsStillToCome() {
    List<Row> rows = rows(2000);
    assertEquals(cut(rows, 7, 42).subList(0, 900), cut(rows.subList(0, 900), 7, 42));
  }

  @Test
  default void twoReadingsAtOnceDoNotDisturbEachOther() {
    List<Row> rows = rows(500);
    Partition one = partitioner().open(options(), 5, 42);
    Partition other = partitioner().open(options(), 5, 42);
    List<Integer> alone = cut(rows, 5, 42);
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(alone.get(i), one.part(i, rows.get(i)));
      assertEquals(alone.get(i), other.part(i, rows.get(i)));
    }
  }
}
