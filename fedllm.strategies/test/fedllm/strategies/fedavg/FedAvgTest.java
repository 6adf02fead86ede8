package fedllm.strategies.fedavg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Unit;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FedAvgTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new FedAvg();
  }

  /** Of two values that bank learned from 30 examples, and of two from school's {@code others}. */
  private Block mean(float[] bank, float[] school, int others) {
    return mean(TestOptions.none(), bank, school, others);
  }

  private Block mean(Options options, float[] bank, float[] school, int others) {
    Unit unit = Samples.unit(2);
    List<Part> parts =
        List.of(
            new OnePart(new Member("bank", 30), unit.tensors(), bank),
            new OnePart(new Member("school", others), unit.tensors(), school));
    Block out = new Block();
    out.reset(2);
    List<Member> members = parts.stream().map(Part::member).toList();
    Round round = new Round(1, members, Samples.SCHEMA, Samples.SCOPE);
    strategy().open(options, round).fold(unit, parts, out);
    return out;
  }

  @Test
  void weighsByExamples() {
    Block mean = mean(new float[] {1, 8}, new float[] {5, -8}, 10);
    assertEquals(2, mean.get(0));
    assertEquals(4, mean.get(1));
  }

  @Test
  void weighsEquallyIfAsked() {
    TestOptions equal = TestOptions.of(FedAvg.Config.class, Map.of("weights", "equal"));
    Block mean = mean(equal, new float[] {1, 8}, new float[] {5, -8}, 10);
    assertEquals(3, mean.get(0));
    assertEquals(0, mean.get(1));
  }

  /**
   * What FedIT (arXiv:2305.05644) has to live with: factors are averaged apart, so that the product
   * of the means is not the mean of the products. With B = e1, A = f1 at one client and B = e2, A =
   * f2 at the other it is (e1 f1 + e1 f2 + e2 f1 + e2 f2) / 4, and should be (e1 f1 + e2 f2) / 2.
   */
  @Test
  void theProductOfAveragedFactorsHasCrossTermsThatNobodyLearned() {
    float[] first = {1, 0};
    float[] second = {0, 1};
    Block b = mean(first, second, 30);
    Block a = mean(first, second, 30);
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        double meanOfProducts = (first[i] * first[j] + second[i] * second[j]) / 2;
        assertEquals(i == j ? 0.5 : 0, meanOfProducts);
        assertEquals(0.25, b.get(i) * a.get(j), "of e" + (i + 1) + " f" + (j + 1));
      }
    }
  }
}
