package fedllm.privacy.secagg;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The book of an aggregation as one silo reads it, which finds its row by its own keys. */
final class Table {

  private final Schema state;
  private final Keys keys;
  private final FixedPoint rule;
  private final byte[][] all;
  private final float[] roll;
  private final int row;

  private Table(Schema state, Keys keys, FixedPoint rule, byte[][] all, float[] roll, int row) {
    this.state = state;
    this.keys = keys;
    this.rule = rule;
    this.all = all;
    this.roll = roll;
    this.row = row;
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException where a codec has changed it
   */
  static Table of(Tensors global, Keys keys) {
    Schema state = global.schema();
    byte[][] all = new byte[Book.silos(state)][];
    byte[] mine = keys.publicBytes();
    int row = -1;
    for (int i = 0; i < all.length; i++) {
      all[i] =
          Whole.bytes(global.values(Book.MODULE + ".keys"), i * Book.KEY_VALUES, Keys.PUBLIC_BYTES);
      row = Arrays.equals(all[i], mine) ? i : row;
    }
    if (row < 0) {
      throw new SitsOut("its keys are not in this aggregation; it takes part in the next one");
    }
    boolean called = state.indexOf(Book.MODULE + ".roll") >= 0;
    return new Table(
        state,
        keys,
        FixedPoint.of(global.values(Book.MODULE + ".rule")),
        all,
        called ? global.values(Book.MODULE + ".roll") : new float[all.length],
        row);
  }

  Keys keys() {
    return keys;
  }

  FixedPoint rule() {
    return rule;
  }

  int silos() {
    return all.length;
  }

  int row() {
    return row;
  }

  byte[] key(int of) {
    return all[of];
  }

  /** 0 for who has not shared, 1 for who has, 2 for who is in the sum. */
  int roll(int of) {
    return (int) roll[of];
  }

  /** The keys may be trusted with secrets: all differ, and half of the silos cannot unmask. */
  void check() {
    if (2 * rule.threshold() <= silos()) {
      throw new SitsOut(
          "%d of %d silos could unmask; secagg needs a threshold above a half"
              .formatted(rule.threshold(), silos()));
    }
    if (Arrays.stream(all).map(Arrays::toString).distinct().count() < all.length) {
      throw new SitsOut("two silos of this aggregation have the same keys");
    }
  }

  /** Enough silos have got so far, and this is one of them. */
  void checkRoll(int least, String have, String hasNot) {
    if (roll(row) < least) {
      throw new SitsOut(
          "it %s in this aggregation; it takes part in the next one".formatted(hasNot));
    }
    int count = 0;
    for (int i = 0; i < silos(); i++) {
      count += roll(i) >= least ? 1 : 0;
    }
    if (count < rule.threshold()) {
      throw new SitsOut(
          "only %d silos of which each %s, and the threshold is %d"
              .formatted(count, have, rule.threshold()));
    }
  }

  /** An update to the state that has nothing masked in it, with this silo's row. */
  Tensors answer() {
    return answer(new Schema(List.of()));
  }

  /** The same of what is learned, which need not have travelled. */
  Tensors answer(Schema learned) {
    List<Tensor> tensors = new ArrayList<>(state.only(Book::has).tensors());
    tensors.addAll(learned.tensors());
    Tensors update = new Tensors(Book.update(new Schema(tensors)));
    update.values(0)[0] = row;
    return update;
  }
}
