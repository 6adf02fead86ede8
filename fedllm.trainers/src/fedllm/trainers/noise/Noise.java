package fedllm.trainers.noise;

import fedllm.api.error.Cancelled;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Progress;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Learns nothing: every round's update is the same noise, uniform in [-0.01, 0.01), made when the
 * worker opens. For trying a federation, and measuring it, without a model.
 */
@Component
@Plugin(
    name = "noise",
    does = "sends seeded noise instead of training",
    options = Noise.Config.class)
public final class Noise implements Trainer {

  /** What travels. */
  public @interface Config {
    /** Bytes of the global state, as 32-bit numbers. */
    @Range(min = 4)
    long bytes() default 1 << 20;

    /** Tensors that the state is cut into, as equal as can be. */
    @Range(min = 1)
    int tensors() default 4;

    /** Silos that take their time. */
    String[] slow() default {};

    /** How long each order takes them. */
    @Range(min = 0, max = 86_400)
    double seconds() default 1;
  }

  private static final float SPREAD = 0.02f;
  private static final long SLICE_MS = 20;

  @Override
  public Training open(Options options, Site site) {
    Config config = options.as(Config.class);
    Schema schema = schema(config);
    boolean slow = List.of(config.slow()).contains(site.scope().client());
    long takesMs = slow ? (long) (1000 * config.seconds()) : 0;
    Philox random = site.scope().random(0, 0, "noise");
    Tensors noise = new Tensors(schema);
    long position = 0;
    for (int t = 0; t < schema.tensors().size(); t++) {
      float[] values = noise.values(t);
      random.uniforms(position, values, values.length);
      position += values.length;
      for (int i = 0; i < values.length; i++) {
        values[i] = SPREAD * (values[i] - 0.5f);
      }
    }
    return new Training() {
      @Override
      public Start initial() {
        return new Start(new Tensors(schema), Map.of());
      }

      @Override
      public Learned train(Work work, Tensors global) {
        takeTime(work.progress(), takesMs);
        return new Learned(noise, 1, Map.of());
      }
    };
  }

  /** In small pieces, so that work that is no longer wanted ends. */
  private static void takeTime(Progress progress, long ms) {
    for (long passed = 0; passed < ms; passed += SLICE_MS) {
      progress.at("ms", passed, ms);
      try {
        Thread.sleep(Math.min(SLICE_MS, ms - passed));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Cancelled("the silo stops", e);
      }
    }
  }

  private static Schema schema(Config config) {
    long values = config.bytes() / Float.BYTES;
    int count = config.tensors();
    if (values < count) {
      throw new SitsOut(
          "noise: bytes="
              + config.bytes()
              + " does not give each of tensors="
              + count
              + " one number of 4 bytes");
    }
    if (values / count >= Integer.MAX_VALUE) {
      throw new SitsOut(
          "noise: cut bytes=" + config.bytes() + " into more than " + count + " tensors");
    }
    List<Tensor> tensors = new ArrayList<>(count);
    for (int t = 0; t < count; t++) {
      long size = values / count + (t < values % count ? 1 : 0);
      tensors.add(new Tensor("noise." + t, "weight", List.of(size)));
    }
    return new Schema(tensors);
  }
}
