package fedllm.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.strategy.Units;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CutTest {

  private static final Schema SCHEMA =
      new Schema(
          List.of(
              new Tensor("m.0", "A", List.of(3L)),
              new Tensor("m.0", "B", List.of(16_384L)),
              new Tensor("m.1", "A", List.of(40_000L)),
              new Tensor("", "scale", List.of())));

  private static List<Unit> cut(Units by, int members) {
    List<Unit> units = new ArrayList<>();
    new Cut(SCHEMA, by, members).forEach(units::add);
    return units;
  }

  @Test
  void columnBlocksLeaveNothingOutAndShrinkWithTheMembers() {
    int largest = 0;
    for (int members : new int[] {10_000, 1000, 100, 8, 1}) {
      long[] next = new long[SCHEMA.tensors().size()];
      int longest = 0;
      for (Unit unit : cut(Units.COLUMNS, members)) {
        assertEquals(1, unit.tensors().size());
        int tensor = SCHEMA.indexOf(unit.tensor().name());
        assertEquals(next[tensor], unit.offset());
        next[tensor] += unit.length();
        longest = Math.max(longest, unit.length());
      }
      for (int t = 0; t < next.length; t++) {
        assertEquals(SCHEMA.tensors().get(t).size(), next[t]);
      }
      assertTrue(longest >= largest, members + " members");
      largest = longest;
      assertTrue((long) longest * members <= Math.max(1 << 20, 1024L * members));
      assertEquals(0, Unit.MAX_VALUES % new Cut(SCHEMA, Units.COLUMNS, members).columns());
    }
    assertEquals(16_384, largest);
  }

  @Test
  void modulesAreWhole() {
    assertEquals(
        List.of(
            new Unit(SCHEMA.tensors().subList(0, 2), 0, 16_387),
            new Unit(SCHEMA.tensors().subList(2, 3), 0, 40_000),
            new Unit(SCHEMA.tensors().subList(3, 4), 0, 1)),
        cut(Units.MODULES, 8));
  }
}
