package fedllm.learning.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Int8Test {

  /** What a tensor became. */
  private record Coded(Tensor tensor, byte[] codes, float[] scales) {

    float[] values() {
      float[] out = new float[codes.length];
      Int8.decode(tensor, ByteBuffer.wrap(codes), scales, 0, out, 0, out.length);
      return out;
    }
  }

  @Property(tries = 500)
  void isWithinHalfAStepOfItsRow(
      @ForAll @Size(min = 1, max = 200) float[] some,
      @ForAll @IntRange(min = 1, max = 9) int rows) {
    float[] values = rows(some, rows);
    Coded coded = encode(rows, values, rows);
    float[] back = coded.values();
    int width = values.length / rows;
    for (int i = 0; i < values.length; i++) {
      double half = coded.scales[i / width] / 2.0 * (1 + 0x1p-16);
      assertTrue(Math.abs((double) back[i] - values[i]) <= half, values[i] + " " + back[i]);
      assertTrue(values[i] != 0 || back[i] == 0, "a zero became " + back[i]);
    }
    for (int row = 0; row < rows; row++) {
      double largest = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        largest = Math.max(largest, Math.abs((double) values[i]));
      }
      double closest = largest == 0 ? 0 : Math.max(largest / 127, Float.MIN_NORMAL);
      assertEquals(closest, coded.scales[row], closest * 0x1p-15);
    }
  }

  @Property(tries = 500)
  void whatWasReadBackGivesTheSameBytesAgain(
      @ForAll @Size(min = 1, max = 200) float[] some,
      @ForAll @IntRange(min = 1, max = 9) int rows) {
    Coded first = encode(rows, rows(some, rows), rows);
    Coded second = encode(rows, first.values(), 1);
    assertArrayEquals(first.codes, second.codes);
    assertArrayEquals(first.values(), second.values());
  }

  @Property(tries = 200)
  void aProductOfCodeAndScaleIsExact(@ForAll @Size(min = 1, max = 50) float[] values) {
    Coded coded = encode(1, values, 1);
    float[] back = coded.values();
    for (int i = 0; i < back.length; i++) {
      assertEquals((double) coded.codes[i] * coded.scales[0], back[i]);
    }
  }

  @Test
  void roundsTiesToEven() {
    Coded coded = encode(1, new float[] {127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 126.5f, -127}, 1);
    assertArrayEquals(new byte[] {127, 0, 2, 2, 0, -2, 126, -127}, coded.codes);
    assertArrayEquals(new float[] {1}, coded.scales);
  }

  @Test
  void anEmptyRowHasNoScaleAndDisturbsNoOther() {
    Coded coded = encode(3, new float[] {1, -2, 0, 0, 4, 3}, 1);
    assertEquals(0, coded.scales[1]);
    assertArrayEquals(new float[] {0, 0}, Arrays.copyOfRange(coded.values(), 2, 4));
    assertEquals(4, coded.values()[4], 1e-4);
  }

  @Test
  void holdsTheLargestAndTheSmallestNumbers() {
    float[] values = {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, 0};
    float[] back = encode(1, values, 1).values();
    assertEquals(1, back[0] / Float.MAX_VALUE, 1e-4);
    assertEquals(-back[0], back[1]);
    assertArrayEquals(new float[] {0, 0}, encode(1, new float[] {Float.MIN_VALUE, 0}, 1).values());
  }

  @Test
  void refusesWhatIsNotFiniteByTensorAndPlace() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      SitsOut out = assertThrows(SitsOut.class, () -> encode(2, new float[] {1, 2, 3, bad}, 1));
      assertTrue(out.getMessage().startsWith("m.w[2, 2] is " + bad + " at value 3"));
    }
  }

  @Test
  void refusesTooFewBytesAndWhatAreNoRows() {
    Tensor tensor = new Tensor("m", "w", List.of(2L, 3L));
    assertThrows(IllegalArgumentException.class, () -> new Int8(tensor, ByteBuffer.allocate(5)));
    Int8 int8 = new Int8(tensor, ByteBuffer.allocate(6));
    assertThrows(IllegalArgumentException.class, () -> int8.add(new float[9], 0, 4));
    assertThrows(IllegalArgumentException.class, () -> int8.add(new float[9], 0, 9));
    int8.add(new float[9], 1, 3);
    assertThrows(IllegalStateException.class, int8::scales);
  }

  private static float[] rows(float[] some, int rows) {
    return Arrays.copyOf(some, (some.length + rows - 1) / rows * rows);
  }

  /** In as many calls as there are rows, by {@code together}. */
  private static Coded encode(int rows, float[] values, int together) {
    int width = values.length / rows;
    Tensor tensor = new Tensor("m", "w", List.of((long) rows, (long) width));
    ByteBuffer codes = ByteBuffer.allocate(values.length);
    Int8 int8 = new Int8(tensor, codes);
    for (int row = 0; row < rows; row += together) {
      int8.add(values, row * width, Math.min(together, rows - row) * width);
    }
    return new Coded(tensor, codes.array(), int8.scales());
  }
}
