package fedllm.testkit.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensor;
import fedllm.learning.kernel.Casts;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.kernel.Torch;
import fedllm.learning.storage.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every storage of frozen matrices keeps. */
public interface StorageContract {

  /** The storage. */
  Storage storage();

  /** What a matrix is when it was stored and read back, in plain Java. */
  float[] readBack(Tensor tensor, float[] values);

  /** Bytes that a value may take at most, with all that goes with it, in large matrices. */
  double bytesPerValue();

  @ParameterizedTest
  @CsvSource({"64, 64", "3, 5", "1, 1", "7, 128", "130, 256", "33, 127"})
  default void readsBackToTheBitWhatItsDefinitionSays(int rows, int columns) {
    Tensor tensor = new Tensor("layer", "weight", List.of((long) rows, (long) columns));
    float[] values = values(rows * columns);
    float[] expected = readBack(tensor, values);
    for (int piece : new int[] {rows, 1, Math.max(1, rows / 3)}) {
      try (NDManager owner = Torch.newManager()) {
        NDList held = hold(owner, tensor, values, piece);
        assertArrayEquals(expected, matrix(owner, held, rows, columns, 6), "pieces of " + piece);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "33, 127"})
  default void givesBfloat16AsWell(int rows, int columns) {
    Tensor tensor = new Tensor("layer", "weight", List.of((long) rows, (long) columns));
    float[] values = values(rows * columns);
    float[] expected = readBack(tensor, values);
    try (NDManager owner = Torch.newManager()) {
      float[] half = matrix(owner, hold(owner, tensor, values, rows), rows, columns, 15);
      for (int i = 0; i < half.length; i++) {
        assertEquals(expected[i], half[i], Math.abs(expected[i]) / 128);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"256, 1024"})
  default void takesNoMoreMemoryThanItSays(int rows, int columns) {
    Tensor tensor = new Tensor("layer", "weight", List.of((long) rows, (long) columns));
    try (NDManager owner = Torch.newManager()) {
      long bytes = 0;
      for (NDArray array : hold(owner, tensor, values(rows * columns), 100)) {
        bytes += Casts.bytes(array);
      }
      double each = (double) bytes / rows / columns;
      assertTrue(each <= bytesPerValue(), each + " bytes a value");
    }
  }

  private NDList hold(NDManager owner, Tensor tensor, float[] values, int piece) {
    Storage.Held held = storage().open(owner, tensor);
    int rows = tensor.shape().get(0).intValue();
    int columns = values.length / rows;
    for (int row = 0; row < rows; row += piece) {
      int to = Math.min(rows, row + piece);
      float[] part = Arrays.copyOfRange(values, row * columns, to * columns);
      try (NDArray array = owner.create(part, new Shape(to - row, columns))) {
        held.add(array);
      }
    }
    return held.all();
  }

  private float[] matrix(NDManager owner, NDList held, int rows, int columns, int dtype) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < held.size(); i++) {
      names.add("w[" + i + "]");
    }
    String method =
        "  def matrix(self: __torch__.K, w: List[Tensor]) -> Tensor:\n    return torch.to("
            + storage().matrix(names, rows, columns, dtype)
            + ", 6)\n";
    try (Kernel kernel = Kernel.compile(owner, storage().methods() + method)) {
      return kernel.call("matrix", false, Kernel.list("w", new NDList(held))).head().toFloatArray();
    }
  }

  private static float[] values(int count) {
    float[] values = new float[count];
    Philox.of(3, 0, "", 0, "storage").addNormals(0, 0.05f, values, count);
    values[count / 2] = 0;
    return values;
  }
}
