package fedllm.privacy.secagg;

import fedllm.api.error.Ends;
import fedllm.api.error.Repeats;
import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** One run's aggregations, phase by phase; {@link Book} says what stands where. */
final class BookKeeping implements Descent, Stateful {

  private final Descent of;
  private final Mask mask = new Mask();
  private Phase phase = Phase.ADVERTISE;
  private int round;
  private int silos;
  private Unmask unmask;
  private long position;

  BookKeeping(Descent of) {
    this.of = of;
  }

  @Override
  public void begin(int newRound) {
    round = newRound;
  }

  @Override
  public Schema next(Schema global, Schema combined) {
    phase = Book.phase(global);
    if (phase == Phase.UNMASK) {
      Schema learned = Book.learned(global);
      if (!of.next(learned, learned).equals(learned)) {
        throw new Ends("secagg: the optimizer that it wraps makes other tensors; take another");
      }
    }
    silos = phase == Phase.ADVERTISE ? 0 : Book.silos(global);
    return Book.next(global, combined);
  }

  @Override
  public void step(Unit unit, float[] global, float[] update, float[] next) {
    boolean book = unit.module().equals(Book.MODULE);
    if (book && phase == Phase.UNMASK) {
      total(global, update, next);
    } else if (book && phase == Phase.MASK) {
      int before = unit.length() - Book.ELEMENT;
      System.arraycopy(global, 0, next, 0, before - silos);
      callTheRoll(global, update, before - silos, next);
      System.arraycopy(update, silos, next, before, Book.ELEMENT);
    } else if (book || unit.module().equals(Book.SHARES)) {
      int before = book && phase == Phase.SHARE ? unit.length() - silos : 0;
      System.arraycopy(global, 0, next, 0, before);
      System.arraycopy(update, 0, next, before, unit.length() - before);
    } else if (phase == Phase.MASK) {
      int learned = unit.length() / (1 + Book.ELEMENT);
      System.arraycopy(global, 0, next, 0, learned);
      System.arraycopy(update, 0, next, learned, unit.length() - learned);
    } else {
      unmask(unit, global, next);
    }
  }

  /** Who shared is 1, and who is in the sum is 2. */
  private void callTheRoll(float[] global, float[] update, int at, float[] next) {
    for (int row = 0; row < silos; row++) {
      next[at + row] = global[at + row] + update[row];
      if (update[row] == 1 && global[at + row] != 1) {
        throw new Repeats("secagg: silo %d is in the sum, and has shared nothing".formatted(row));
      }
    }
  }

  private void total(float[] global, float[] update, float[] next) {
    int roll = FixedPoint.VALUES + silos * Book.KEY_VALUES;
    unmask = Unmask.of(silos, global, update);
    int[] weight = new int[1];
    Whole.addRing(global, roll + silos, weight);
    unmask.from(mask, 0, weight);
    unmask.weighed(weight[0]);
    Whole.putRing(weight, next, 0);
    position = Unmask.FIRST;
    of.begin(Phase.aggregation(round));
  }

  /** The masked sums stand behind what is learned. */
  private void unmask(Unit unit, float[] global, float[] next) {
    float[] mean = new float[unit.length()];
    int at = 0;
    for (Tensor tensor : unit.tensors()) {
      int[] sums = new int[(int) tensor.size()];
      Whole.addRing(global, unit.length() + Book.ELEMENT * at, sums);
      unmask.from(mask, position, sums);
      for (int sum : sums) {
        mean[at++] = unmask.mean(sum);
      }
      position += sums.length;
    }
    of.step(unit, global, mean, next);
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    if (of instanceof Stateful stateful) {
      stateful.snapshot(out);
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    if (of instanceof Stateful stateful) {
      stateful.restore(in);
    }
  }
}
