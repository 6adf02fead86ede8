package fedllm.strategies.factors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductSumTest {

  private static final Philox FURTHER = Philox.of(1, 1, "server", 0, "further rows");
  private static final int[] RANKS = {4, 8, 16};

  /** Products of random factors, and their sum made out. */
  private record Case(int out, int in, ProductSum sum, RealMatrix whole) {

    static Case of(int out, int in, int... ranks) {
      ProductSum sum = new ProductSum(out, in);
      RealMatrix whole = new Array2DRowRealMatrix(out, in);
      for (int k = 0; k < ranks.length; k++) {
        Pair pair = pair(out, in, ranks[k]);
        float[] values = new float[ranks[k] * (out + in)];
        Philox.of(5, 1, "c" + k, 0, "factors").addNormals(0, 1, values, values.length);
        double weight = (k + 1) / 6.0;
        sum.add(weight, pair, values);
        whole = whole.add(product(pair, values).scalarMultiply(weight));
      }
      return new Case(out, in, sum, whole);
    }

    RealMatrix cut(int rank) {
      ProductSum.Cut cut = sum.cut(rank, FURTHER);
      return new Array2DRowRealMatrix(cut.b()).multiply(new Array2DRowRealMatrix(cut.a()));
    }
  }

  private static Pair pair(int out, int in, int rank) {
    Tensor a = new Tensor("m", "lora_A.weight", List.of((long) rank, (long) in));
    Tensor b = new Tensor("m", "lora_B.weight", List.of((long) out, (long) rank));
    return Pair.of(List.of(a, b)).get(0);
  }

  private static RealMatrix product(Pair pair, float[] values) {
    double[][] a = new double[pair.rank()][pair.in()];
    double[][] b = new double[pair.out()][pair.rank()];
    pair.addTo(a, b, 1, values);
    return new Array2DRowRealMatrix(b).multiply(new Array2DRowRealMatrix(a));
  }

  @ParameterizedTest
  @CsvSource({"60, 40", "40, 60", "300, 230", "230, 400"})
  void isExactWhereTheRankIsThatOfTheSum(int out, int in) {
    Case all = Case.of(out, in, RANKS);
    assertEquals(0, all.cut(28).subtract(all.whole).getFrobeniusNorm(), 1e-11 * norm(all));
  }

  @ParameterizedTest
  @CsvSource({"60, 40", "40, 60", "300, 230", "20, 24"})
  void isAsFarFromTheSumAsTheSingularValuesThatItDrops(int out, int in) {
    Case all = Case.of(out, in, RANKS);
    double[] singular = new SingularValueDecomposition(all.whole).getSingularValues();
    for (int rank : new int[] {1, 5, 16}) {
      double dropped = 0;
      for (int i = rank; i < Math.min(28, singular.length); i++) {
        dropped += singular[i] * singular[i];
      }
      double error = all.cut(rank).subtract(all.whole).getFrobeniusNorm();
      assertEquals(Math.sqrt(dropped), error, 1e-10 * norm(all));
    }
  }

  @ParameterizedTest
  @CsvSource({"60, 40", "40, 60", "300, 230", "20, 24"})
  void givesTheFactorsOfADirectDecompositionUpToSigns(int out, int in) {
    Case all = Case.of(out, in, RANKS);
    SingularValueDecomposition direct = new SingularValueDecomposition(all.whole);
    ProductSum.Cut cut = all.sum.cut(9, FURTHER);
    for (int i = 0; i < 9; i++) {
      double[] expected = direct.getV().getColumn(i);
      double sign = Math.signum(expected[0] * cut.a()[i][0]);
      double sigma = direct.getSingularValues()[i];
      assertEquals(sigma, cut.singular()[i], 1e-11 * sigma);
      for (int j = 0; j < in; j++) {
        assertEquals(sign * expected[j], cut.a()[i][j], 1e-9);
      }
      for (int o = 0; o < out; o++) {
        assertEquals(sign * sigma * direct.getU().getEntry(o, i), cut.b()[o][i], 1e-9 * sigma);
      }
    }
  }

  @Test
  void keepsRowsOrthonormalWhereTheSumHasLessRank() {
    Case twice = Case.of(90, 70, 3);
    ProductSum.Cut cut = twice.sum.cut(8, FURTHER);
    RealMatrix a = new Array2DRowRealMatrix(cut.a());
    RealMatrix gram = a.multiplyTransposed(a);
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < 8; j++) {
        assertEquals(i == j ? 1 : 0, gram.getEntry(i, j), 1e-12, i + ", " + j);
      }
    }
    for (double[] row : cut.b()) {
      for (int r = 3; r < 8; r++) {
        assertEquals(0, row[r], 1e-12 * norm(twice));
      }
    }
    assertEquals(0, twice.cut(8).subtract(twice.whole).getFrobeniusNorm(), 1e-12 * norm(twice));
  }

  @Test
  void keepsRowsOrthonormalWhereEveryClientLearnedTheSame() {
    ProductSum sum = new ProductSum(300, 250);
    Pair pair = pair(300, 250, 4);
    float[] values = new float[4 * 550];
    Philox.of(5, 1, "c", 0, "factors").addNormals(0, 1, values, values.length);
    for (int k = 0; k < 5; k++) {
      sum.add(0.2, pair, values);
    }
    ProductSum.Cut cut = sum.cut(12, FURTHER);
    RealMatrix a = new Array2DRowRealMatrix(cut.a());
    assertEquals(
        0,
        a.multiplyTransposed(a)
            .subtract(org.hipparchus.linear.MatrixUtils.createRealIdentityMatrix(12))
            .getFrobeniusNorm(),
        1e-11);
    RealMatrix product = new Array2DRowRealMatrix(cut.b()).multiply(a);
    assertEquals(
        0,
        product.subtract(product(pair, values)).getFrobeniusNorm(),
        1e-11 * product.getFrobeniusNorm());
  }

  @Test
  void findsThePairsOfAModuleByTheNamesThatPeftGivesThem() {
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(new Tensor("m", "weight", List.of(7L)));
    for (String name : List.of("lora_A.one.weight", "lora_A.two.weight", "lora_embedding_A")) {
      tensors.add(new Tensor("m", name, List.of(2L, 5L)));
      tensors.add(new Tensor("m", name.replace("_A", "_B"), List.of(6L, 2L)));
    }
    tensors.add(new Tensor("m", "lora_A.alone.weight", List.of(2L, 5L)));
    List<Pair> pairs = Pair.of(tensors);
    assertEquals(3, pairs.size());
    assertEquals(
        List.of(7, 29, 51), pairs.stream().map(Pair::atA).toList(), "behind what is before them");
    assertArrayEquals(new int[] {5, 6, 2}, shape(pairs.get(2)));
  }

  private static int[] shape(Pair pair) {
    return new int[] {pair.in(), pair.out(), pair.rank()};
  }

  @Test
  void knowsTheNormOfAProductFromItsFactors() {
    Pair pair = pair(31, 17, 5);
    float[] values = new float[5 * 48];
    Philox.of(5, 1, "c", 0, "factors").addNormals(0, 1, values, values.length);
    double direct = product(pair, values).getFrobeniusNorm();
    assertEquals(direct, pair.norm(values), 1e-12 * direct);
  }

  private static double norm(Case all) {
    return all.whole.getFrobeniusNorm();
  }
}
