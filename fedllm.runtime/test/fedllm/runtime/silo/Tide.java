package fedllm.runtime.silo;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A trainer for tests that remembers how often it trained, and whose updates show it. */
@Plugin(name = "tide", does = "Rises with every round.")
final class Tide implements Trainer {

  static final Schema SCHEMA =
      new Schema(
          List.of(
              new Tensor("m.0", "A", List.of(1000L, 300L)),
              new Tensor("m.0", "B", List.of(1_000_000L))));

  /** How often anybody's training was called for. */
  final AtomicInteger trained = new AtomicInteger();

  /** Added to every update, as a machine that computes otherwise would. */
  volatile float otherwise;

  private final class Rising implements Training, Stateful {
    private int times;

    @Override
    public Start initial() {
      return new Start(new Tensors(SCHEMA), Map.of("adapter_config.json", "{}"));
    }

    @Override
    public Learned train(Work work, Tensors global) {
      times++;
      trained.incrementAndGet();
      Tensors update = new Tensors(SCHEMA);
      for (int t = 0; t < SCHEMA.tensors().size(); t++) {
        float[] values = update.values(t);
        for (int i = 0; i < values.length; i++) {
          values[i] = times * (i % 1009 - 500) + global.values(t)[i];
        }
        values[values.length - 1] += otherwise;
      }
      return new Learned(update, 3, Map.of("loss", 1.0 / times));
    }

    @Override
    public void snapshot(DataOutput out) throws IOException {
      out.writeInt(times);
    }

    @Override
    public void restore(DataInput in) throws IOException {
      times = in.readInt();
    }
  }

  @Override
  public Training open(Options options, Site site) {
    return new Rising();
  }
}
