package fedllm.strategies.fwdllm;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.strategies.moments.Moment;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds estimates up until both halves of them agree. */
final class Waiting implements Descent, Stateful {

  private static final Logger LOG = LoggerFactory.getLogger(FwdLlm.class);

  private final double threshold;
  private final IntToDoubleFunction rate;
  private Moment first = new Moment(0);
  private Moment second = new Moment(0);

  /** Rounds since the state last moved, and how often it did before. */
  private int rounds;

  private int moves;
  private int number;
  private boolean decided;
  private boolean commits;
  private float[] a = new float[0];
  private float[] b = new float[0];

  Waiting(double threshold, IntToDoubleFunction rate) {
    this.threshold = threshold;
    this.rate = rate;
  }

  /** Whether the last round moved the state. */
  boolean commits() {
    return commits;
  }

  @Override
  public void begin(int round) {
    number = round;
    if (commits) {
      first = new Moment(0);
      second = new Moment(0);
      rounds = 0;
      moves++;
    }
    rounds++;
    decided = false;
    commits = false;
  }

  @Override
  public Schema next(Schema global, Schema combined) {
    List<Tensor> halves = combined.tensors();
    boolean fits = halves.size() == 2 * global.tensors().size();
    for (int i = 0; fits && i < halves.size(); i++) {
      Tensor whole = global.tensors().get(i / 2);
      fits =
          halves.get(i).module().equals(whole.module())
              && halves.get(i).shape().equals(whole.shape());
    }
    if (!fits) {
      throw new Ends(
          "optimizer fwdllm needs two halves of each tensor, and the strategy makes "
              + combined.summary()
              + "; choose strategy halves");
    }
    return global;
  }

  @Override
  public void step(Unit unit, float[] global, float[] update, float[] next) {
    int length = unit.length();
    if (a.length < length) {
      a = new float[length];
      b = new float[length];
    }
    first.load(unit, a);
    second.load(unit, b);
    int at = 0;
    for (Tensor tensor : unit.tensors()) {
      int size = Math.toIntExact(tensor.size());
      for (int i = 0; i < size; i++, at++) {
        a[at] += update[2 * (at - i) + i];
        b[at] += update[2 * (at - i) + size + i];
      }
    }
    if (!decided) { // by the first module, which is the one that is watched
      decided = true;
      double variance = variance(length);
      commits = variance <= threshold;
      LOG.info(
          "round {}: variance {} over {} since the state last moved; the threshold is {}",
          number,
          variance,
          rounds,
          threshold);
    }
    if (commits) {
      double scale = rate.applyAsDouble(moves) / (2.0 * rounds);
      for (int i = 0; i < length; i++) {
        next[i] = (float) (global[i] - scale * ((double) a[i] + b[i]));
      }
      return;
    }
    System.arraycopy(global, 0, next, 0, length);
    first.store(unit, a);
    second.store(unit, b);
  }

  private double variance(int length) {
    double squares = 0;
    for (int i = 0; i < length; i++) {
      double apart = ((double) a[i] - b[i]) / rounds;
      squares += apart * apart / 2;
    }
    return squares / length;
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    out.writeInt(rounds);
    out.writeInt(moves);
    out.writeBoolean(commits);
    first.write(out);
    second.write(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    rounds = in.readInt();
    moves = in.readInt();
    commits = in.readBoolean();
    first.read(in);
    second.read(in);
  }
}
