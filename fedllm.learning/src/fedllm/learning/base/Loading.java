package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.format.Dtype;
import fedllm.format.SafetensorsFile;
import fedllm.format.TensorInfo;
import fedllm.learning.kernel.Casts;
import fedllm.learning.model.Weight;
import fedllm.learning.storage.Storage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings weights from files, which were checked, into the engine's memory. Those that are nothing
 * but their values lie one behind the other in one array of each type: files are read straight into
 * it, and the system can give it large pages. Used by one thread.
 */
final class Loading implements AutoCloseable {

  /** What one read fills: a buffer of Java's reaches no further than 2 GB. */
  private static final int READ_VALUES = 1 << 28;

  /** What is converted at a time is still in the processor's cache when it is written. */
  private static final int CONVERTED_VALUES = 1 << 20;

  /** What a storage is given at a time. */
  private static final int CODED_VALUES = 1 << 23;

  /** Vectors of processors begin at multiples of so many values. */
  private static final int ALIGNED = 64;

  private final NDManager manager;
  private final Precision precision;
  private final RowReader reader = new RowReader();
  private final Map<Integer, Slab> slabs = new HashMap<>();

  /** Makes room for these weights, owned by {@code manager}. */
  Loading(NDManager manager, Precision precision, List<Weight> weights) {
    this.manager = manager;
    this.precision = precision;
    Map<Integer, Long> values = new HashMap<>();
    for (Weight weight : weights) {
      int dtype = Base.storage(precision, weight).dtype();
      if (dtype != 0) {
        values.merge(dtype, aligned(weight.tensor().size()), Math::addExact);
      }
    }
    values.forEach((dtype, count) -> slabs.put(dtype, new Slab(manager, count, dtype)));
  }

  /** Memory of one type, given away from its beginning on. */
  private static final class Slab implements AutoCloseable {
    private final NDArray all;
    private long taken;

    Slab(NDManager manager, long count, int dtype) {
      all = Casts.empty(manager, count, dtype);
    }

    NDArray take(long count) {
      NDArray part = Casts.part(all, taken, taken + count);
      taken += aligned(count);
      return part;
    }

    /** What was taken stays. */
    @Override
    public void close() {
      all.close();
    }
  }

  private static long aligned(long count) {
    return Math.addExact(count, Math.floorMod(-count, ALIGNED));
  }

  /**
   * What holds a weight.
   *
   * @param home where the files have it; null where they lack it, and it is zero
   */
  NDList load(Weight weight, Weights.Home home) {
    Storage storage = Base.storage(precision, weight);
    if (storage.dtype() == 0) {
      return coded(storage, weight, home);
    }
    try (NDArray values = slabs.get(storage.dtype()).take(weight.tensor().size())) {
      NDArray whole = Casts.shaped(values, sizes(weight.tensor().shape()));
      if (home == null) {
        try (NDArray zeros = manager.zeros(whole.getShape())) {
          Casts.put(whole, zeros);
        }
      } else if (weight.transposed()) {
        try (NDArray lying = reader.read(home.file(), home.tensor(), 0, lying(home));
            NDArray turned = Casts.turned(lying)) {
          Casts.put(whole, turned);
        }
      } else {
        fill(values, storage.dtype(), home.file(), home.tensor());
      }
      return new NDList(whole);
    }
  }

  private void fill(NDArray values, int dtype, SafetensorsFile file, TensorInfo info) {
    boolean straight = RowReader.dtype(info.dtype()) == dtype && !manager.getDevice().isGpu();
    long step = straight ? READ_VALUES : CONVERTED_VALUES;
    for (long at = 0; at < info.elements(); at += step) {
      long to = Math.min(at + step, info.elements());
      try (NDArray part = Casts.part(values, at, to)) {
        if (straight) {
          RowReader.fill(part, file, info, at);
        } else {
          try (NDArray read = reader.read(file, info, at, to - at)) {
            Casts.put(part, read);
          }
        }
      }
    }
  }

  /** Pieces are made one after the other, copied to where they are held, and given back. */
  private NDList coded(Storage storage, Weight weight, Weights.Home home) {
    Storage.Held held = storage.open(manager, weight.tensor());
    long[] shape = sizes(weight.tensor().shape());
    if (home == null) {
      try (NDArray zeros = manager.zeros(new Shape(shape))) {
        held.add(zeros);
      }
    } else if (weight.transposed()) {
      try (NDArray lying = floats(home, 0, lying(home));
          NDArray turned = Casts.turned(lying)) {
        held.add(turned);
      }
    } else {
      long rows = shape[0];
      long width = weight.tensor().size() / rows;
      long step = Math.max(1, CODED_VALUES / width);
      for (long row = 0; row < rows; row += step) {
        shape[0] = Math.min(step, rows - row);
        try (NDArray piece = floats(home, row * width, shape)) {
          held.add(piece);
        }
      }
    }
    return held.all();
  }

  /** Values as 32-bit floats, where the manager's arrays lie. */
  private NDArray floats(Weights.Home home, long from, long... shape) {
    NDArray read = reader.read(home.file(), home.tensor(), from, shape);
    NDArray floats = read;
    if (home.tensor().dtype() != Dtype.F32) {
      try (read) {
        floats = Casts.to(read, 6);
      }
    }
    NDArray here = floats.toDevice(manager.getDevice(), false);
    if (here != floats) {
      floats.close();
    }
    return here;
  }

  private static long[] lying(Weights.Home home) {
    return sizes(home.tensor().shape());
  }

  private static long[] sizes(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public void close() {
    slabs.values().forEach(Slab::close);
    reader.close();
  }
}
