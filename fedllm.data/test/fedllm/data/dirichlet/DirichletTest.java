package fedllm.data.dirichlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.data.Row;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.random.Philox;
import fedllm.testkit.PartitionerContract;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirichletTest implements PartitionerContract {

  private Options options = options("label", 0.5);

  @Override
  public Partitioner partitioner() {
    return new Dirichlet();
  }

  @Override
  public Options options() {
    return options;
  }

  /** Mean 1/n and variance (n - 1) / (n² (nα + 1)) of one proportion are the distribution's. */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.5, 1, 5, 100})
  void proportionsHaveTheMomentsOfTheDistribution(double alpha) {
    int n = 4;
    int draws = 20_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < draws; i++) {
      double[] drawn = new Gamma(Philox.of(7, 0, "", i, "test"), alpha).proportions(n);
      double first = drawn[0] / IntStream.range(0, n).mapToDouble(k -> drawn[k]).sum();
      sum += first;
      squares += first * first;
    }
    double variance = (n - 1) / (n * n * (n * alpha + 1));
    assertEquals(1.0 / n, sum / draws, 4 * Math.sqrt(variance / draws));
    assertEquals(variance, squares / draws - sum * sum / draws / draws, 0.05 * variance);
  }

  @Test
  void evenAHardlyPositiveAlphaGivesEachLabelToSomebody() {
    double[] drawn = new Gamma(new Philox(1), 1e-4).proportions(10);
    assertEquals(1, IntStream.range(0, 10).mapToDouble(k -> drawn[k]).max().orElseThrow());
  }

  @Test
  void aSmallAlphaLetsOnePartHaveMostOfALabel() {
    assertTrue(share(0.05) > 0.85, share(0.05) + " of a label's rows at one part");
    assertTrue(share(100) < 0.3, share(100) + " of a label's rows at one part");
  }

  /**
   * Training and test files are cut alike: a label's shares are its own, whatever stands around.
   */
  @Test
  void cutsALabelInOneProportionInEveryFile() {
    List<Row> rows = PartitionerContract.rows(8000);
    List<Row> few = rows.stream().filter(DirichletTest::isFrequent).toList();
    double[] whole = ofLabel(rows);
    double[] alone = ofLabel(few);
    for (int part = 0; part < 5; part++) {
      assertEquals(whole[part], alone[part], 0.05);
    }
  }

  @Test
  void refusesARowWithoutTheLabelAndRepeatsNothingOfIt() {
    Partition partition = new Dirichlet().open(options("category", 1), 3, 1);
    SitsOut error =
        assertThrows(SitsOut.class, () -> partition.part(0, PartitionerContract.rows(1).get(0)));
    assertTrue(error.getMessage().contains("category"), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
  }

  @Test
  void refusesAFieldThatIsNoLabel() {
    Partition partition = new Dirichlet().open(options("text", 1), 1_000_000, 1);
    List<Row> rows = PartitionerContract.rows(20);
    SitsOut error =
        assertThrows(
            SitsOut.class,
            () -> IntStream.range(0, 20).forEach(i -> partition.part(i, rows.get(i))));
    assertTrue(error.getMessage().contains("more than 16 values"), error.getMessage());
  }

  private double[] ofLabel(List<Row> rows) {
    double[] share = new double[5];
    List<Integer> cut = cut(rows, 5, 42);
    int all = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (isFrequent(rows.get(i))) {
        share[cut.get(i)]++;
        all++;
      }
    }
    for (int part = 0; part < 5; part++) {
      share[part] /= all;
    }
    return share;
  }

  private static boolean isFrequent(Row row) {
    return row.fields().get("label").equals("secret l0");
  }

  /** The largest part's share of a label's rows, as a mean over labels. */
  private double share(double alpha) {
    options = options("label", alpha);
    int[][] counts = new int[40][5];
    List<Row> rows = PartitionerContract.rows(20_000);
    List<Integer> cut = cut(rows, 5, 42);
    for (int i = 0; i < rows.size(); i++) {
      int label = Integer.parseInt(rows.get(i).fields().get("label").substring(8));
      counts[label][cut.get(i)]++;
    }
    double sum = 0;
    for (int[] label : counts) {
      sum += IntStream.of(label).max().orElseThrow() / (double) IntStream.of(label).sum();
    }
    return sum / 40;
  }

  private static Options options(String by, double alpha) {
    return TestOptions.of(Dirichlet.Config.class, Map.of("by", by, "alpha", alpha));
  }
}
