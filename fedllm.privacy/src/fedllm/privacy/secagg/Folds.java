package fedllm.privacy.secagg;

import fedllm.api.error.Repeats;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.Part;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.List;

/** What each phase makes of the members' updates. */
final class Folds {

  private Folds() {}

  /** ADVERTISE: the rule, and the keys of all, a row each. */
  record Keys(FixedPoint rule) implements Aggregation {

    @Override
    public void fold(Unit unit, Iterable<Part> parts, Block out) {
      float[] all = new float[unit.length()];
      rule.put(all);
      int at = FixedPoint.VALUES;
      for (Part part : parts) {
        System.arraycopy(part.values(), 0, all, at, Book.KEY_VALUES);
        at += Book.KEY_VALUES;
      }
      out.add(1, all);
    }
  }

  /** SHARE: who shared, and what each sealed for each. */
  static final class Shares implements Aggregation {

    private final Rows rows;
    private final int silos;

    Shares(int silos) {
      this.silos = silos;
      rows = new Rows(silos);
    }

    @Override
    public void fold(Unit unit, Iterable<Part> parts, Block out) {
      float[] all = new float[unit.length()];
      int length = silos * Book.SEALED_VALUES;
      int member = 0;
      for (Part part : parts) {
        if (unit.module().equals(Book.MODULE)) {
          all[rows.read(part)] = 1;
        } else {
          System.arraycopy(part.values(), 0, all, rows.of(member++) * length, length);
        }
      }
      out.add(1, all);
    }
  }

  /** MASK: who is in the sum, and the sums, which still are masked. */
  static final class Sums implements Aggregation {

    private final Rows rows;
    private final int silos;

    Sums(int silos) {
      this.silos = silos;
      rows = new Rows(silos);
    }

    @Override
    public void fold(Unit unit, Iterable<Part> parts, Block out) {
      float[] all = new float[unit.length()];
      if (unit.module().equals(Book.MODULE)) {
        int[] weight = new int[1];
        for (Part part : parts) {
          all[rows.read(part)] = 1;
          Whole.addRing(part.values(), 1, weight);
        }
        Whole.putRing(weight, all, silos);
      } else {
        sum(unit, parts, all);
      }
      out.add(1, all);
    }

    private static void sum(Unit unit, Iterable<Part> parts, float[] all) {
      List<int[]> sums = new ArrayList<>();
      unit.tensors().forEach(t -> sums.add(new int[(int) t.size() / Book.ELEMENT]));
      for (Part part : parts) {
        int at = 0;
        for (int[] sum : sums) {
          Whole.addRing(part.values(), at, sum);
          at += Book.ELEMENT * sum.length;
        }
      }
      int at = 0;
      for (int[] sum : sums) {
        Whole.putRing(sum, all, at);
        at += Book.ELEMENT * sum.length;
      }
    }
  }

  /** UNMASK: the secret of each silo that the shares give; of no silo both. */
  static final class Reveals implements Aggregation {

    private final Rows rows;
    private final Secrets secrets;
    private final int silos;

    Reveals(int silos, int threshold, int members) {
      this.silos = silos;
      this.rows = new Rows(silos);
      this.secrets = new Secrets(silos, threshold, members);
    }

    @Override
    public void fold(Unit unit, Iterable<Part> parts, Block out) {
      if (!unit.module().equals(Book.MODULE)) {
        return;
      }
      for (Part part : parts) {
        take(part.member().client(), rows.read(part), part.values());
      }
      float[] all = new float[unit.length()];
      for (int row = 0; row < silos; row++) {
        all[row] = secrets.kind(row).code;
        if (secrets.kind(row) != Secrets.Kind.NONE) {
          Whole.put(secrets.secret(row), all, silos + row * Book.SHARE_VALUES);
        }
      }
      out.add(1, all);
    }

    private void take(String client, int holder, float[] values) {
      try {
        for (int row = 0; row < silos; row++) {
          int at = 1 + silos + row * Book.SHARE_VALUES;
          secrets.add(
              row,
              Secrets.Kind.of(values[1 + row]),
              holder,
              Whole.bytes(values, at, Shamir.SHARE_BYTES));
        }
      } catch (IllegalArgumentException e) {
        throw new Repeats("secagg: " + client + " tells no shares: " + e.getMessage(), e);
      }
    }
  }

  /** Which row each member says is its own. */
  private static final class Rows {

    private final boolean[] taken;
    private final List<Integer> rows = new ArrayList<>();

    Rows(int silos) {
      taken = new boolean[silos];
    }

    int of(int member) {
      return rows.get(member);
    }

    /** The next member's. */
    int read(Part part) {
      float said = part.values()[0];
      int row = (int) said;
      if (row != said || row < 0 || row >= taken.length || taken[row]) {
        throw new Repeats(
            "secagg: %s says that it is silo %s of %d, which it cannot be"
                .formatted(part.member().client(), said, taken.length));
      }
      taken[row] = true;
      rows.add(row);
      return row;
    }
  }
}
