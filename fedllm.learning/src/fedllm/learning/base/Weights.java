package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import fedllm.format.ModelTensors;
import fedllm.format.SafetensorsFile;
import fedllm.format.TensorInfo;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Weight;
import fedllm.learning.storage.Storage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a model's weights into the engine's memory, in whatever type the files hold them. */
final class Weights {

  private static final int PIECE_VALUES = 1 << 23;

  private final ModelFolder folder;
  private final Architecture architecture;
  private final Precision precision;

  /** While weights are loaded. */
  private RowReader reader;

  Weights(ModelFolder folder, Architecture architecture, Precision precision) {
    this.precision = precision;
    this.folder = folder;
    this.architecture = architecture;
  }

  /** The weights, owned by {@code manager}. */
  Held load(NDManager manager) {
    reader = new RowReader(manager);
    try (ModelTensors tensors = ModelTensors.open(folder)) {
      return load(manager, tensors.files());
    } finally {
      reader = null;
    }
  }

  /** One weight's values, as the engine would have it; null where the files lack it. */
  float[] values(String name) {
    return rows(name, 0, Math.toIntExact(weight(name).tensor().shape().get(0)));
  }

  /** Some of its rows. */
  float[] rows(String name, long from, int count) {
    Weight weight = weight(name);
    try (ModelTensors tensors = ModelTensors.open(folder)) {
      for (SafetensorsFile file : tensors.files()) {
        for (TensorInfo info : file.header().tensors()) {
          if (architecture.weight(info.name()).equals(weight.name())) {
            check(file, info, weight);
            return rows(file, info, weight, from, count);
          }
        }
      }
      return null;
    }
  }

  private Weight weight(String name) {
    return architecture.weights().stream()
        .filter(weight -> weight.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no weight is called " + name));
  }

  /** Some rows of a weight, as the engine would have it. */
  static float[] rows(SafetensorsFile file, TensorInfo info, Weight weight, long from, int count) {
    int width = Math.toIntExact(weight.tensor().size() / weight.tensor().shape().get(0));
    float[] rows = new float[Math.multiplyExact(count, width)];
    if (!weight.transposed()) {
      file.floats(info, from * width, rows, 0, rows.length);
      return rows;
    }
    float[] line = new float[Math.toIntExact(info.shape().get(1))];
    for (int column = 0; column < width; column++) {
      file.floats(info, (long) column * line.length, line, 0, line.length);
      for (int row = 0; row < count; row++) {
        rows[row * width + column] = line[Math.toIntExact(from) + row];
      }
    }
    return rows;
  }

  /** [rows, columns] as [columns, rows]. */
  static float[] transpose(float[] values, int columns) {
    int rows = values.length / columns;
    float[] turned = new float[values.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = values[row * columns + column];
      }
    }
    return turned;
  }

  /**
   * Weights in memory.
   *
   * @param all the list argument {@code w}
   * @param places where in it each weight lies
   * @param absent weights that the files lack and that are zero therefore
   */
  record Held(NDList all, Map<String, List<Integer>> places, Set<String> absent) {}

  /** Some rows, good until the next are read. */
  @FunctionalInterface
  private interface Piece {
    NDArray read(boolean halves);
  }

  /** Where a weight lies. */
  private record Home(SafetensorsFile file, TensorInfo tensor) {}

  private Held load(NDManager manager, List<SafetensorsFile> files) {
    Map<String, Home> homes = homes(files);
    NDList all = new NDList();
    Map<String, List<Integer>> places = new HashMap<>();
    Set<String> absent = new HashSet<>();
    // Everything is looked at before anything is read.
    for (Weight weight : architecture.weights()) {
      Home home = homes.get(weight.name());
      if (home != null) {
        check(home.file(), home.tensor(), weight);
      } else if (weight.optional()) {
        absent.add(weight.name());
      } else {
        throw new SitsOut(
            folder.folder()
                + ": no weight file holds "
                + weight.tensor()
                + "; config.json and the weights do not belong together");
      }
    }
    for (Weight weight : architecture.weights()) {
      NDList held =
          absent.contains(weight.name())
              ? zeros(manager, weight)
              : load(manager, homes.get(weight.name()), weight);
      List<Integer> at = new ArrayList<>();
      for (NDArray array : held) {
        at.add(all.size());
        all.add(array);
      }
      places.put(weight.name(), at);
    }
    return new Held(Kernel.list("w", all), places, absent);
  }

  /**
   * Where each weight is; what the model would not use is refused, for it would change its output.
   */
  private Map<String, Home> homes(List<SafetensorsFile> files) {
    Set<String> wanted = new HashSet<>();
    architecture.weights().forEach(weight -> wanted.add(weight.name()));
    Map<String, Home> homes = new HashMap<>();
    for (SafetensorsFile file : files) {
      for (TensorInfo tensor : file.header().tensors()) {
        String name = architecture.weight(tensor.name());
        if (!wanted.contains(name) && !architecture.ignores(tensor.name())) {
          throw new SitsOut(
              file.path() + ": holds " + tensor + ", which a model of this config.json has not");
        }
        if (homes.put(name, new Home(file, tensor)) != null) {
          throw new SitsOut(file.path() + ": holds " + name + " once more");
        }
      }
    }
    return homes;
  }

  static void check(SafetensorsFile file, TensorInfo info, Weight weight) {
    List<Long> shape = new ArrayList<>(weight.tensor().shape());
    if (weight.transposed()) {
      Collections.reverse(shape);
    }
    if (!info.shape().equals(shape)) {
      throw new SitsOut(
          file.path() + ": " + info + " should have the shape " + shape + " of config.json");
    }
    if (!info.dtype().isFloat()) {
      throw new SitsOut(file.path() + ": " + info + " should be F32, F16 or BF16");
    }
  }

  private NDList zeros(NDManager manager, Weight weight) {
    NDArray zeros = manager.zeros(new Shape(sizes(weight.tensor().shape())));
    return hold(manager, weight, List.of(halves -> zeros));
  }

  private NDList load(NDManager manager, Home home, Weight weight) {
    SafetensorsFile file = home.file();
    TensorInfo info = home.tensor();
    if (weight.transposed()) {
      return hold(manager, weight, List.of(halves -> transposed(file, info)));
    }
    long rows = info.shape().get(0);
    long width = info.elements() / rows;
    long step = Math.max(1, PIECE_VALUES / width);
    List<Piece> pieces = new ArrayList<>();
    for (long row = 0; row < rows; row += step) {
      long from = row;
      long[] shape = sizes(info.shape());
      shape[0] = Math.min(step, rows - row);
      pieces.add(halves -> reader.read(file, info, from * width, shape, halves));
    }
    return hold(manager, weight, pieces);
  }

  /** Pieces are made one after the other, copied to where they are held, and given back. */
  private NDList hold(NDManager manager, Weight weight, List<Piece> pieces) {
    Storage.Held held = Base.storage(precision, weight).open(manager, weight.tensor());
    for (Piece piece : pieces) {
      try (NDArray rows = piece.read(held.takesHalves())) {
        held.add(rows);
      }
    }
    return held.all();
  }

  private NDArray transposed(SafetensorsFile file, TensorInfo info) {
    try (NDArray lying = reader.read(file, info, 0, sizes(info.shape()), false);
        NDArray view = lying.transpose()) {
      return view.duplicate();
    }
  }

  private static long[] sizes(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
