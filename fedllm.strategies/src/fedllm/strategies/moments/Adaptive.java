package fedllm.strategies.moments;

import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Unit;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The step of the adaptive server optimizers (arXiv:2003.00295, algorithm 2): {@code m = beta1 m +
 * (1 - beta1) d}, {@code next = global + rate m / (sqrt(v) + tau)}, where d is the update and each
 * optimizer has its own v, which begins as tau squared.
 */
public final class Adaptive implements Descent, Stateful {

  /** The next v, in place. */
  public interface Second {
    /** Of {@code count} values. */
    void next(float[] v, float[] update, int count);
  }

  /** How much of a round's step is taken, by its number from 1 on. */
  public interface Rate {
    /** A factor. */
    double of(int step);
  }

  private final float beta1;
  private final float tau;
  private final Rate rate;
  private final Second second;
  private final Moment firstMoment = new Moment(0);
  private final Moment secondMoment;
  private int steps;
  private float[] m = new float[0];
  private float[] v = new float[0];

  /** Remembers nothing yet. */
  public Adaptive(double beta1, double tau, Rate rate, Second second) {
    this.beta1 = (float) beta1;
    this.tau = (float) tau;
    this.rate = rate;
    this.second = second;
    secondMoment = new Moment((float) (tau * tau));
  }

  @Override
  public void begin(int round) {
    steps++;
  }

  @Override
  public void step(Unit unit, float[] global, float[] update, float[] next) {
    int count = unit.length();
    if (m.length < count) {
      m = new float[count];
      v = new float[count];
    }
    firstMoment.load(unit, m);
    secondMoment.load(unit, v);
    first(m, update, beta1, count);
    second.next(v, update, count);
    descend(global, m, v, (float) rate.of(steps), tau, next, count);
    firstMoment.store(unit, m);
    secondMoment.store(unit, v);
  }

  private static void first(float[] m, float[] update, float beta1, int count) {
    float rest = 1 - beta1;
    for (int i = 0; i < count; i++) {
      m[i] = beta1 * m[i] + rest * update[i];
    }
  }

  private static void descend(
      float[] global, float[] m, float[] v, float rate, float tau, float[] next, int count) {
    for (int i = 0; i < count; i++) {
      next[i] = global[i] + rate * m[i] / ((float) Math.sqrt(v[i]) + tau);
    }
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    out.writeInt(steps);
    firstMoment.write(out);
    secondMoment.write(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    steps = in.readInt();
    firstMoment.read(in);
    secondMoment.read(in);
  }
}
