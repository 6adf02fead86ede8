package fedllm.runtime;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A trainer for tests: a gateway's client sends its number, the 13th nothing finite, others 1000.
 */
@Plugin(name = "crowd", does = "Sends its number.")
final class Crowd implements Trainer {

  static final int SIZE = 3000;
  private static final Schema SCHEMA =
      new Schema(List.of(new Tensor("m", "A", List.of((long) SIZE))));

  @Override
  public Training open(Options options, Site site) {
    String client = site.scope().client();
    int slash = client.indexOf('/');
    float value = slash < 0 ? 1000 : Integer.parseInt(client.substring(slash + 1));
    return new Training() {
      @Override
      public Start initial() {
        return new Start(new Tensors(SCHEMA), Map.of());
      }

      @Override
      public Learned train(Work work, Tensors global) {
        Tensors update = new Tensors(SCHEMA);
        Arrays.fill(update.values(0), value == 13 ? Float.NaN : value);
        return new Learned(update, 1, Map.of("loss", 1.0));
      }
    };
  }
}
