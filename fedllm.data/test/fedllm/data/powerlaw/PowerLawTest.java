package fedllm.data.powerlaw;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.data.Partitioner;
import fedllm.api.plugin.Options;
import fedllm.testkit.PartitionerContract;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PowerLawTest implements PartitionerContract {

  private Options options = TestOptions.none();

  @Override
  public Partitioner partitioner() {
    return new PowerLaw();
  }

  @Override
  public Options options() {
    return options;
  }

  @Test
  void sizesFallAsThePowerSays() {
    int[] sizes = sizes(2, 20_000);
    for (int k = 2; k <= 4; k++) {
      assertEquals(sizes[0] / (double) (k * k), sizes[k - 1], 0.15 * sizes[k - 1]);
    }
  }

  @Test
  void anExponentOfZeroMakesPartsOfAboutOneSize() {
    for (int size : sizes(0, 4000)) {
      assertEquals(1000, size, 130);
    }
  }

  private int[] sizes(double exponent, int rows) {
    options = TestOptions.of(PowerLaw.Config.class, Map.of("exponent", exponent));
    int[] sizes = new int[4];
    cut(PartitionerContract.rows(rows), 4, 42).forEach(part -> sizes[part]++);
    return sizes;
  }
}
