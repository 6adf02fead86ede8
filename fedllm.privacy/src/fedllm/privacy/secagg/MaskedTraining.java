package fedllm.privacy.secagg;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A silo in the phases of an aggregation. It learns in the first one and keeps what it learned, so
 * that the same mask never covers two vectors, however often a phase is repeated.
 */
final class MaskedTraining implements Training, Stateful {

  private final Training of;
  private final Scope scope;
  private final SecureRandom random;
  private final Mask mask = new Mask();

  /** What was learned and is not yet sent. */
  private Pending pending;

  /** The secrets of the aggregation that goes on; empty between two. */
  private byte[] seed = new byte[0];

  /** What the wrapped trainer remembered before it learned what is pending. */
  private byte[] before = new byte[0];

  MaskedTraining(Training of, Scope scope, SecureRandom random) {
    this.of = of;
    this.scope = scope;
    this.random = random;
  }

  @Override
  public Start initial() {
    return of.initial();
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    return of.view(inner(work), learned(global));
  }

  private static Work inner(Work work) {
    return new Work(
        Phase.aggregation(Math.max(1, work.round())),
        work.rounds() / Phase.values().length,
        work.settings(),
        work.progress());
  }

  private static Tensors learned(Tensors global) {
    Schema schema = Book.learned(global.schema());
    List<float[]> values = new ArrayList<>();
    schema.tensors().forEach(tensor -> values.add(global.values(tensor.name())));
    return new Tensors(schema, values);
  }

  @Override
  public Learned train(Work work, Tensors global) {
    Phase phase = Book.phase(global.schema());
    if (phase == Phase.ADVERTISE) {
      return advertise(work, learned(global));
    }
    if (seed.length == 0) {
      throw new SitsOut("it has no keys of this aggregation, and takes part in the next one");
    }
    try {
      Table table = Table.of(global, new Keys(seed));
      return switch (phase) {
        case SHARE -> share(table);
        case MASK -> mask(work, table);
        default -> unmask(table, global);
      };
    } catch (IllegalArgumentException e) {
      throw new SitsOut("the book of this aggregation cannot be read: " + e.getMessage(), e);
    }
  }

  private Learned advertise(Work work, Tensors global) {
    if (pending != null) { // the last one went into no sum
      restore(before);
    }
    before = snapshot();
    Learned learned = of.train(inner(work), global);
    if (learned.absolute() || !learned.update().schema().equals(global.schema())) {
      throw new SitsOut(
          "secagg sums how far values moved, in tensors like the global state's, %s, and the trainer"
                  .formatted(global.schema().summary())
              + " that it wraps sends something else: %s; take another"
                  .formatted(learned.absolute() ? "values" : learned.update().schema().summary()));
    }
    pending = new Pending(learned.update().copy(), learned.examples());
    seed = new byte[32];
    random.nextBytes(seed);
    Tensors update = new Tensors(Book.update(global.schema()));
    Whole.put(new Keys(seed).publicBytes(), update.values(0), 0);
    // Nobody needs to know how many examples there are; they are summed as everything is.
    return new Learned(update, 1, learned.metrics());
  }

  private Learned share(Table table) {
    table.check();
    if (pending == null) {
      throw new SitsOut("it has sent what it learned already");
    }
    if (pending.examples() > table.rule().maxWeight()) {
      throw new SitsOut(
          "it learned from %,d examples, and secagg takes %,d at most; raise maxWeight"
              .formatted(pending.examples(), table.rule().maxWeight()));
    }
    Tensors update = table.answer();
    for (int holder = 0; holder < table.silos(); holder++) {
      byte[] sealed =
          table.keys().seal(table.row(), holder, table.key(holder), table.rule().threshold());
      Whole.put(sealed, update.values(1), holder * Book.SEALED_VALUES);
    }
    return new Learned(update, 1, Map.of());
  }

  private Learned mask(Work work, Table table) {
    table.checkRoll(1, "has shared", "has not shared its secrets");
    if (pending == null) {
      throw new SitsOut("it has sent what it learned already");
    }
    List<byte[]> masks = new ArrayList<>();
    List<Boolean> plus = new ArrayList<>();
    masks.add(Keys.ownMask(table.keys().own()));
    plus.add(true);
    for (int other = 0; other < table.silos(); other++) {
      if (other != table.row() && table.roll(other) > 0) {
        masks.add(Keys.pairMask(table.keys().masking(), table.key(other)));
        plus.add(Unmask.plus(table.row(), other));
      }
    }
    Tensors update = table.answer(pending.update().schema());
    int[] weight = {(int) pending.examples()};
    cover(weight, 0, masks, plus);
    Whole.putRing(weight, update.values(1), 0);
    long position = Unmask.FIRST;
    long clipped = 0;
    for (int t = 0; t < pending.update().schema().tensors().size(); t++) {
      float[] values = pending.update().values(t);
      int[] codes = new int[values.length];
      clipped +=
          table
              .rule()
              .encode(
                  values,
                  pending.examples(),
                  scope.random(Phase.aggregation(work.round()), t, "secagg"),
                  codes);
      cover(codes, position, masks, plus);
      Whole.putRing(codes, update.values(2 + t), 0);
      position += values.length;
      work.progress().at("tensor", t + 1, pending.update().schema().tensors().size());
    }
    double share = clipped / (double) pending.update().schema().size();
    pending = null;
    return new Learned(update, 1, Map.of("secagg.clipped", share));
  }

  private void cover(int[] values, long position, List<byte[]> masks, List<Boolean> plus) {
    for (int i = 0; i < masks.size(); i++) {
      mask.add(masks.get(i), position, values, plus.get(i));
    }
  }

  private Learned unmask(Table table, Tensors global) {
    table.checkRoll(2, "is in the sum", "is not in the sum");
    Tensors update = table.answer();
    float[] sealed = global.values(Book.SHARES + ".sealed");
    for (int row = 0; row < table.silos(); row++) {
      if (table.roll(row) == 0) {
        continue;
      }
      int at = (row * table.silos() + table.row()) * Book.SEALED_VALUES;
      byte[] shares =
          table
              .keys()
              .open(Whole.bytes(sealed, at, Keys.SEALED_BYTES), row, table.key(row), table.row());
      if (shares != null) {
        Secrets.Kind kind = table.roll(row) == 2 ? Secrets.Kind.OWN_MASK : Secrets.Kind.MASKING_KEY;
        update.values(1)[row] = kind.code;
        Whole.put(Keys.share(shares, kind), update.values(2), row * Book.SHARE_VALUES);
      }
    }
    seed = new byte[0];
    before = new byte[0];
    return new Learned(update, 1, Map.of());
  }

  private byte[] snapshot() {
    if (!(of instanceof Stateful stateful)) {
      return new byte[0];
    }
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      stateful.snapshot(new DataOutputStream(bytes));
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void restore(byte[] state) {
    if (of instanceof Stateful stateful) {
      try {
        stateful.restore(new DataInputStream(new ByteArrayInputStream(state)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    out.writeInt(seed.length);
    out.write(seed);
    out.writeInt(before.length);
    out.write(before);
    Pending.write(pending, out);
    if (of instanceof Stateful stateful) {
      stateful.snapshot(out);
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    seed = new byte[in.readInt()];
    in.readFully(seed);
    before = new byte[in.readInt()];
    in.readFully(before);
    pending = Pending.read(in);
    if (of instanceof Stateful stateful) {
      stateful.restore(in);
    }
  }

  @Override
  public void close() {
    of.close();
  }
}
