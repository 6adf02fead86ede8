package fedllm.data.iid;

import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Partitioner;
import fedllm.api.data.Row;
import fedllm.testkit.PartitionerContract;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class IidTest implements PartitionerContract {

  @Override
  public Partitioner partitioner() {
    return new Iid();
  }

  @Property(tries = 100)
  void noPartHasTwoRowsMoreThanAnother(
      @ForAll @IntRange(min = 1, max = 60) int parts,
      @ForAll @IntRange(max = 500) int rows,
      @ForAll long seed) {
    int[] sizes = new int[parts];
    cut(PartitionerContract.rows(rows), parts, seed).forEach(part -> sizes[part]++);
    for (int size : sizes) {
      assertTrue(size == rows / parts || size == (rows + parts - 1) / parts);
    }
  }

  /** Of 10 parts some 5000 rows of one label each get 500, give or take 4 standard deviations. */
  @Test
  void givesEveryPartOfEveryLabel() {
    int[] sizes = new int[10];
    List<Row> rows = PartitionerContract.rows(10_000);
    List<Integer> cut = cut(rows, 10, 1);
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).line() * 31 % 101 < 50) {
        sizes[cut.get(i)]++;
      }
    }
    for (int size : sizes) {
      assertTrue(Math.abs(size - 495) < 90, size + " rows");
    }
  }

  @Test
  void dealsInAnotherOrderEachTime() {
    List<Integer> cut = cut(PartitionerContract.rows(500), 5, 3);
    HashSet<List<Integer>> orders = new HashSet<>();
    for (int i = 0; i < 500; i += 5) {
      orders.add(new ArrayList<>(cut.subList(i, i + 5)));
    }
    assertTrue(orders.size() > 40, orders.size() + " of 120 orders in 100 rounds");
  }
}
