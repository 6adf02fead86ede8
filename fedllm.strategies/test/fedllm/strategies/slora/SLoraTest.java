package fedllm.strategies.slora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Sparse;
import fedllm.api.tensor.Tensor;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SLoraTest implements OptimizerContract {

  private static final double SCALE = 2.5;

  @Override
  public ServerOptimizer optimizer() {
    return new SLora();
  }

  private static Descent open(int rounds, String factors) {
    return new SLora()
        .open(
            TestOptions.of(SLora.Config.class, Map.of("rounds", rounds, "factors", factors)),
            Samples.SCOPE);
  }

  private static Schema sparse(int out, int in, int rank, int count) {
    return new Schema(
        List.of(
            new Sparse("lora(rank=%d,scale=%s)".formatted(rank, SCALE), out, in, 7)
                .tensor("m", count)));
  }

  /** What the factors multiply to, and the matrix that they come from. */
  private record Edge(RealMatrix matrix, RealMatrix product, float[] next, int rank) {

    static Edge of(int out, int in, int rank, int count, String factors) {
      Schema first = sparse(out, in, rank, count);
      Descent descent = open(3, factors);
      descent.begin(3);
      Schema schema = descent.next(first, first);
      float[] global = Samples.normal(count, 1);
      float[] update = Samples.normal(count, 2);
      float[] next = new float[(int) schema.size()];
      descent.step(schema.modules().get(0), global, update, next);
      RealMatrix matrix = new Array2DRowRealMatrix(out, in);
      int[] places = Sparse.of(first.tensors().get(0)).orElseThrow().places("m", count);
      for (int k = 0; k < count; k++) {
        matrix.setEntry(places[k] / in, places[k] % in, (double) global[k] + update[k]);
      }
      RealMatrix a = new Array2DRowRealMatrix(rank, in);
      RealMatrix b = new Array2DRowRealMatrix(out, rank);
      for (int r = 0; r < rank; r++) {
        for (int i = 0; i < in; i++) {
          a.setEntry(r, i, next[r * in + i]);
        }
        for (int o = 0; o < out; o++) {
          b.setEntry(o, r, next[rank * in + o * rank + r]);
        }
      }
      return new Edge(matrix, b.multiply(a).scalarMultiply(SCALE), next, rank);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "60, 40, 8, 400, left",
    "40, 60, 8, 400, symmetric",
    "150, 130, 4, 900, left",
    "20, 300, 20, 600, left",
    "90, 70, 5, 3, left"
  })
  void theProductIsAsFarFromWhatWasTrainedAsTheSingularValuesThatItDrops(
      int out, int in, int rank, int count, String factors) {
    Edge edge = Edge.of(out, in, rank, count, factors);
    double[] singular = new SingularValueDecomposition(edge.matrix).getSingularValues();
    double dropped = Arrays.stream(singular).skip(rank).map(s -> s * s).sum();
    double norm = edge.matrix.getFrobeniusNorm();
    assertEquals(
        Math.sqrt(dropped), edge.product.subtract(edge.matrix).getFrobeniusNorm(), 2e-6 * norm);
  }

  @Test
  void bothWaysToSplitTheSingularValuesAreOneProduct() {
    Edge left = Edge.of(60, 40, 8, 400, "left");
    Edge symmetric = Edge.of(60, 40, 8, 400, "symmetric");
    assertEquals(
        0,
        left.product.subtract(symmetric.product).getFrobeniusNorm(),
        1e-6 * left.product.getFrobeniusNorm());
    double norm = 0;
    for (int i = 0; i < 40; i++) {
      norm += left.next[i] * left.next[i];
    }
    assertEquals(1, norm, 1e-6, "a row of A is as long as 1");
  }

  /** LoRA's own start: B zero, and rows of A that are not. */
  @Test
  void wasNothingTrainedItStartsAsLoraDoes() {
    Schema first = sparse(30, 20, 4, 6);
    Descent descent = open(1, "left");
    descent.begin(1);
    Schema schema = descent.next(first, first);
    float[] next = new float[(int) schema.size()];
    descent.step(schema.modules().get(0), new float[6], new float[6], next);
    for (int i = 4 * 20; i < next.length; i++) {
      assertEquals(0, next[i], 1e-30);
    }
    for (int r = 0; r < 4; r++) {
      double squares = 0;
      for (int i = 0; i < 20; i++) {
        squares += next[r * 20 + i] * next[r * 20 + i];
      }
      assertEquals(1, squares, 1e-6);
    }
  }

  @Test
  void addsBeforeTheEdgeAndAfterIt() {
    Schema first = sparse(30, 20, 4, 6);
    Descent descent = open(3, "left");
    descent.begin(2);
    assertEquals(first, descent.next(first, first));
    float[] next = new float[2];
    descent.step(Samples.unit(2), new float[] {1, 2}, new float[] {4, -4}, next);
    assertArrayEquals(new float[] {5, -2}, next);
    descent.begin(3);
    Schema second = descent.next(first, first);
    descent.begin(4);
    assertEquals(second, descent.next(second, second));
  }

  @Test
  void refusesARankThatNoProductOfThatShapeHas() {
    Schema first = sparse(30, 20, 21, 6);
    Descent descent = open(1, "left");
    descent.begin(1);
    Ends ends = assertThrows(Ends.class, () -> descent.next(first, first));
    assertTrue(ends.getMessage().contains("rank 21"), ends.getMessage());
    assertTrue(ends.getMessage().contains("30 x 20"), ends.getMessage());
  }

  @Test
  void placesAreDrawnFromTheSeedAloneEachOnce() {
    Sparse matrix = new Sparse("n", 30, 20, 7);
    int[] places = matrix.places("m", 100);
    assertArrayEquals(places, matrix.places("m", 100));
    assertEquals(100, Arrays.stream(places).distinct().count());
    assertTrue(Arrays.stream(places).allMatch(place -> place >= 0 && place < 600));
    assertTrue(!Arrays.equals(places, new Sparse("n", 30, 20, 8).places("m", 100)));
    assertTrue(!Arrays.equals(places, matrix.places("other", 100)));
    Tensor tensor = matrix.tensor("m", 100);
    assertEquals(matrix, Sparse.of(tensor).orElseThrow());
    assertTrue(Sparse.of(new Tensor("m", "lora_A.weight", List.of(2L, 3L))).isEmpty());
    int[] all = matrix.places("m", 600);
    assertEquals(599, all[599]);
  }
}
