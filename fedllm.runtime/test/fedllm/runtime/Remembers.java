package fedllm.runtime;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Unit;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Adds the update, and more of it in each round that it remembers. */
@Plugin(name = "remembers", does = "next = global + (1 + rounds before) * update")
final class Remembers implements ServerOptimizer {

  @Override
  public Descent open(Options options, Scope scope) {
    return new Counting();
  }

  private static final class Counting implements Descent, Stateful {
    private int before = -1;

    @Override
    public void begin(int round) {
      before++;
    }

    @Override
    public void step(Unit unit, float[] global, float[] update, float[] next) {
      for (int i = 0; i < unit.length(); i++) {
        next[i] = global[i] + (1 + before) * update[i];
      }
    }

    @Override
    public void snapshot(DataOutput out) throws IOException {
      out.writeInt(before);
    }

    @Override
    public void restore(DataInput in) throws IOException {
      before = in.readInt();
    }
  }
}
