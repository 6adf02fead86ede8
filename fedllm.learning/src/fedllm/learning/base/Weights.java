package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import fedllm.format.ModelTensors;
import fedllm.format.SafetensorsFile;
import fedllm.format.TensorInfo;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Weight;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a model's weights into the engine's memory, in whatever type the files hold them. */
final class Weights {

  private final ModelFolder folder;
  private final Architecture architecture;
  private final Precision precision;

  Weights(ModelFolder folder, Architecture architecture, Precision precision) {
    this.precision = precision;
    this.folder = folder;
    this.architecture = architecture;
  }

  /** The weights, owned by {@code manager}. */
  Held load(NDManager manager) {
    try (ModelTensors tensors = ModelTensors.open(folder)) {
      return load(manager, tensors.files());
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

  /** Where a weight lies. */
  record Home(SafetensorsFile file, TensorInfo tensor) {}

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
    try (Loading loading = new Loading(manager, precision, architecture.weights())) {
      for (Weight weight : architecture.weights()) {
        List<Integer> at = new ArrayList<>();
        for (NDArray array : loading.load(weight, homes.get(weight.name()))) {
          at.add(all.size());
          all.add(array);
        }
        places.put(weight.name(), at);
      }
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
}
