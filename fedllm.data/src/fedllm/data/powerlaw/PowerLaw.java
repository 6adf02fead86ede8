package fedllm.data.powerlaw;

import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.random.Philox;
import fedllm.data.cut.Shares;
import org.osgi.service.component.annotations.Component;

/** Draws each row's part so that part k, 1 for the first, gets about k^-exponent of the first's. */
@Component
@Plugin(
    name = "powerlaw",
    does = "cuts a file into parts whose sizes follow a power law",
    paper = "arXiv:1812.06127",
    options = PowerLaw.Config.class)
public final class PowerLaw implements Partitioner {

  /** How unequal the parts are. */
  public @interface Config {
    /** How fast sizes fall; 0 for parts of about one size. */
    @Range(min = 0, max = 100)
    double exponent() default 1;
  }

  @Override
  public Partition open(Options options, int parts, long seed) {
    double exponent = options.as(Config.class).exponent();
    double[] weights = new double[parts];
    for (int k = 0; k < parts; k++) {
      weights[k] = StrictMath.pow(k + 1, -exponent);
    }
    Shares shares = new Shares(weights);
    Philox random = Philox.of(seed, 0, "", 0, "powerlaw");
    return (number, row) -> shares.part(random.uniform(number));
  }
}
