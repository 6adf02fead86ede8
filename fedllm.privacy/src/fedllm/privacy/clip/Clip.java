package fedllm.privacy.clip;

import fedllm.api.error.SitsOut;
import fedllm.api.guard.Guard;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Unit;
import org.osgi.service.component.annotations.Component;

/** Bounds an update's Euclidean norm, over all tensors: {@code u * min(1, C / |u|)}. */
@Component
@Plugin(
    name = "clip",
    does = "bounds the norm of an update",
    paper = "arXiv:1710.06963",
    options = Clip.Config.class)
public final class Clip implements Guard {

  /** Options. */
  public @interface Config {
    /** The largest norm that passes as it is. */
    @Required
    @Range(above = 0)
    double norm() default 1;
  }

  @Override
  public Watch open(Options options, Scope scope) {
    return new Clipping(options.as(Config.class).norm());
  }

  private static final class Clipping implements Watch {
    private final double clipNorm;
    private double squares;

    Clipping(double clipNorm) {
      this.clipNorm = clipNorm;
    }

    @Override
    public void begin(Passage passage) {
      squares = 0;
    }

    @Override
    public void observe(Unit unit, float[] values) {
      double sum = 0;
      for (int i = 0; i < unit.length(); i++) {
        sum += (double) values[i] * values[i];
      }
      squares += sum;
    }

    @Override
    public void pass(Unit unit, float[] values) {
      double norm = Math.sqrt(squares);
      if (!Double.isFinite(norm)) {
        throw new SitsOut("clip: the update holds a value that is not finite; training diverged");
      }
      if (norm > clipNorm) {
        double scale = clipNorm / norm;
        for (int i = 0; i < unit.length(); i++) {
          values[i] = (float) (scale * values[i]);
        }
      }
    }
  }
}
