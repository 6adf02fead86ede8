package fedllm.runtime;

import fedllm.api.error.SitsOut;
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
 * A trainer for tests: every client pulls each value by the length of its name, and has as many
 * examples; {@code bad-} clients send what no server may count.
 */
@Plugin(name = "drift", does = "Moves every value by a step.", options = Drift.Config.class)
final class Drift implements Trainer {

  static final Schema SCHEMA =
      new Schema(
          List.of(
              new Tensor("m.0", "A", List.of(3L, 4L)),
              new Tensor("m.0", "B", List.of(300_000L)),
              new Tensor("m.1", "A", List.of(5L))));

  private final float otherwise;

  Drift() {
    this(0);
  }

  /** On a machine that computes otherwise. */
  Drift(float otherwise) {
    this.otherwise = otherwise;
  }

  float otherwise() {
    return otherwise;
  }

  @interface Config {
    /** How far. */
    double step() default 1;
  }

  @Override
  public Training open(Options options, Site site) {
    float step = (float) options.as(Config.class).step();
    String client = site.scope().client();
    return new Training() {
      @Override
      public Start initial() {
        return new Start(new Tensors(SCHEMA), Map.of("adapter_config.json", "{}"));
      }

      @Override
      public Learned train(Work work, Tensors global) {
        if (client.equals("bad-luck")) {
          throw new SitsOut("notes.csv:7: the row has 2 fields, not 3");
        }
        if (client.equals("bad-code")) {
          throw new IllegalStateException("the patient's name is secret");
        }
        Tensors update = new Tensors(client.equals("bad-shape") ? wrongShape() : SCHEMA);
        for (int t = 0; t < update.schema().tensors().size(); t++) {
          Arrays.fill(update.values(t), step * client.length() + otherwise);
        }
        if (client.equals("bad-nan")) {
          update.values(1)[299_999] = Float.NaN;
        }
        work.progress().at("step", 1, 1);
        return new Learned(update, client.length(), Map.of("loss", 1.0));
      }
    };
  }

  private static Schema wrongShape() {
    return new Schema(List.of(new Tensor("m.0", "A", List.of(4L, 4L))));
  }
}
