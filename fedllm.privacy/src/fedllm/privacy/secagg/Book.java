package fedllm.privacy.secagg;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands in the global state beside the adapter while an aggregation goes on, and what updates
 * to it are. The state's tensors tell which phase comes next:
 *
 * <pre>
 * phase      an update                     the state from then on
 * ADVERTISE  keys[1, 32]                   rule[4], keys[n, 32]
 * SHARE      row[1]; sealed[n, 28]         and roll[n]; sealed[n, n, 28]
 * MASK       row[1], weight[2]; masked     and weight[2]; masked sums behind a module's tensors
 * UNMASK     row[1], kinds[n], shares[n, 11]   total[2]; the adapter alone
 * </pre>
 *
 * <p>A silo's row is its place among the keys, which are in client order. Bytes and ring elements
 * lie in values as {@link Whole} has them.
 */
final class Book {

  static final String MODULE = "fedllm.secagg.book";
  static final String SHARES = "fedllm.secagg.shares";

  /** In front of the name of a tensor's masked sum. */
  private static final String MASKED = "secagg.";

  static final int KEY_VALUES = Whole.values(Keys.PUBLIC_BYTES);
  static final int SEALED_VALUES = Whole.values(Keys.SEALED_BYTES);
  static final int SHARE_VALUES = Whole.values(Shamir.SHARE_BYTES);

  /** A ring element, or a number of examples. */
  static final int ELEMENT = 2;

  private static final String KEYS = "keys";
  private static final String ROLL = "roll";
  private static final String WEIGHT = "weight";

  private Book() {}

  /** Whether a module is no part of what is learned. */
  static boolean has(String module) {
    return module.equals(MODULE) || module.equals(SHARES);
  }

  /** What is learned, out of a state's tensors. */
  static Schema learned(Schema state) {
    return new Schema(
        state.tensors().stream().filter(t -> !has(t.module()) && !isMasked(t)).toList());
  }

  private static boolean isMasked(Tensor tensor) {
    return tensor.parameter().startsWith(MASKED);
  }

  /** The phase that comes next, by what stands in the state, or in what of it travelled. */
  static Phase phase(Schema state) {
    if (state.indexOf(MODULE + "." + WEIGHT) >= 0) {
      return Phase.UNMASK;
    }
    if (state.indexOf(MODULE + "." + ROLL) >= 0) {
      return Phase.MASK;
    }
    return state.indexOf(MODULE + "." + KEYS) >= 0 ? Phase.SHARE : Phase.ADVERTISE;
  }

  /** How many silos advertised keys. */
  static int silos(Schema state) {
    int keys = state.indexOf(MODULE + "." + KEYS);
    return Math.toIntExact(state.tensors().get(keys).shape().get(0));
  }

  /** What an update to a state holds. */
  static Schema update(Schema state) {
    List<Tensor> tensors = new ArrayList<>();
    Phase phase = phase(state);
    int silos = phase == Phase.ADVERTISE ? 1 : silos(state);
    switch (phase) {
      case ADVERTISE -> tensors.add(page(KEYS, 1, KEY_VALUES));
      case SHARE -> {
        tensors.add(page("row", 1));
        tensors.add(new Tensor(SHARES, "sealed", List.of((long) silos, (long) SEALED_VALUES)));
      }
      case MASK -> {
        tensors.add(page("row", 1));
        tensors.add(page(WEIGHT, ELEMENT));
        tensors.addAll(masked(learned(state)));
      }
      case UNMASK -> {
        tensors.add(page("row", 1));
        tensors.add(page("kinds", silos));
        tensors.add(page("shares", silos, SHARE_VALUES));
      }
    }
    return new Schema(tensors);
  }

  /** What the fold makes of so many updates. */
  static Schema combined(Schema state, int members) {
    List<Tensor> tensors = new ArrayList<>();
    Phase phase = phase(state);
    int silos = phase == Phase.ADVERTISE ? members : silos(state);
    switch (phase) {
      case ADVERTISE -> {
        tensors.add(page("rule", FixedPoint.VALUES));
        tensors.add(page(KEYS, silos, KEY_VALUES));
      }
      case SHARE -> {
        tensors.add(page(ROLL, silos));
        long n = silos;
        tensors.add(new Tensor(SHARES, "sealed", List.of(n, n, (long) SEALED_VALUES)));
      }
      case MASK -> {
        tensors.add(page(ROLL, silos));
        tensors.add(page(WEIGHT, ELEMENT));
        tensors.addAll(masked(learned(state)));
      }
      case UNMASK -> {
        tensors.add(page("kinds", silos));
        tensors.add(page("secrets", silos, SHARE_VALUES));
        // Values that say nothing: a module is stepped only if something was combined of it.
        for (Unit module : learned(state).modules()) {
          tensors.add(new Tensor(module.module(), MASKED + "unmask", List.of(1L)));
        }
      }
    }
    return new Schema(tensors);
  }

  /** The state that follows, out of the present one's tensors and those that were combined. */
  static Schema next(Schema state, Schema combined) {
    List<Tensor> tensors = new ArrayList<>();
    Schema learned = learned(state);
    int silos = Math.toIntExact(combined.tensors().get(0).size());
    switch (phase(state)) {
      case ADVERTISE -> {
        tensors.addAll(combined.tensors());
        tensors.addAll(learned.tensors());
      }
      case SHARE -> {
        tensors.addAll(state.only(MODULE::equals).tensors());
        tensors.add(page(ROLL, silos));
        tensors.addAll(combined.only(SHARES::equals).tensors());
        tensors.addAll(learned.tensors());
      }
      case MASK -> {
        tensors.addAll(state.only(MODULE::equals).tensors());
        tensors.add(page(WEIGHT, ELEMENT));
        tensors.addAll(state.only(SHARES::equals).tensors());
        for (Unit module : learned.modules()) {
          tensors.addAll(module.tensors());
          module.tensors().stream().map(Book::masked).forEach(tensors::add);
        }
      }
      case UNMASK -> {
        tensors.add(page("total", ELEMENT));
        tensors.addAll(learned.tensors());
      }
    }
    return new Schema(tensors);
  }

  private static Tensor page(String name, int... shape) {
    List<Long> sizes = new ArrayList<>();
    for (int size : shape) {
      sizes.add((long) size);
    }
    return new Tensor(MODULE, name, sizes);
  }

  /** What is sent and summed of the tensors that are learned. */
  private static List<Tensor> masked(Schema learned) {
    return learned.tensors().stream().map(Book::masked).toList();
  }

  private static Tensor masked(Tensor tensor) {
    List<Long> shape = new ArrayList<>();
    shape.add((long) ELEMENT);
    shape.addAll(tensor.shape());
    return new Tensor(tensor.module(), MASKED + tensor.parameter(), shape);
  }
}
