package fedllm.data.iid;

import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.random.Philox;
import fedllm.data.cut.Dealing;
import org.osgi.service.component.annotations.Component;

/**
 * Deals the rows out at random to parts of equal size. Where a file is sorted, the parts are even
 * more alike than by chance, for of every {@code parts} rows each gets one.
 */
@Component
@Plugin(name = "iid", does = "cuts a file into equal parts of one kind")
public final class Iid implements Partitioner {

  @Override
  public Partition open(Options options, int parts, long seed) {
    Dealing dealing = new Dealing(parts, Philox.of(seed, 0, "", 0, "iid"));
    return (number, row) -> dealing.part(number);
  }
}
