package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensor;
import fedllm.format.Dtype;
import fedllm.format.ModelFolder;
import fedllm.format.SafetensorsFile;
import fedllm.format.TensorInfo;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.model.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a model's weights into the engine's memory, as 32-bit floats whatever the files hold. */
final class Weights {

  private static final int PIECE_VALUES = 1 << 23;

  private final ModelFolder folder;
  private final Architecture architecture;

  Weights(ModelFolder folder, Architecture architecture) {
    this.folder = folder;
    this.architecture = architecture;
  }

  /** The weights in the architecture's order, owned by {@code manager}. */
  NDList load(NDManager manager) {
    List<SafetensorsFile> files = new ArrayList<>();
    try {
      for (Path path : folder.weights()) {
        files.add(open(path));
      }
      return load(manager, files);
    } finally {
      files.forEach(Weights::close);
    }
  }

  private NDList load(NDManager manager, List<SafetensorsFile> files) {
    Map<String, SafetensorsFile> homes = homes(files);
    NDList weights = new NDList();
    for (Tensor weight : architecture.weights()) {
      SafetensorsFile file = homes.get(weight.name());
      if (file == null) {
        throw new SitsOut(
            folder.folder()
                + ": no weight file holds "
                + weight
                + "; config.json and the weights do not belong together");
      }
      weights.add(load(manager, file, file.tensor(weight.name()), weight));
    }
    return Kernel.list("w", weights);
  }

  /**
   * Where each tensor is; what the model would not use is refused, for it would change its output.
   */
  private Map<String, SafetensorsFile> homes(List<SafetensorsFile> files) {
    Set<String> wanted = new HashSet<>();
    architecture.weights().forEach(weight -> wanted.add(weight.name()));
    Map<String, SafetensorsFile> homes = new HashMap<>();
    for (SafetensorsFile file : files) {
      for (TensorInfo tensor : file.header().tensors()) {
        String name = tensor.name();
        if (!wanted.contains(name) && !architecture.ignores(name)) {
          throw new SitsOut(
              file.path() + ": holds " + tensor + ", which a model of this config.json has not");
        }
        if (homes.put(name, file) != null) {
          throw new SitsOut(file.path() + ": holds " + name + ", as another weight file does");
        }
      }
    }
    return homes;
  }

  private static NDArray load(
      NDManager manager, SafetensorsFile file, TensorInfo info, Tensor weight) {
    if (!info.shape().equals(weight.shape())) {
      throw new SitsOut(
          file.path()
              + ": "
              + info
              + " should have the shape "
              + weight.shape()
              + " of config.json");
    }
    long rows = weight.shape().get(0);
    long width = weight.size() / rows;
    long step = Math.max(1, PIECE_VALUES / width);
    try (NDManager pieces = manager.newSubManager()) {
      NDList parts = new NDList();
      for (long row = 0; row < rows; row += step) {
        long n = Math.min(step, rows - row);
        long[] shape = weight.shape().stream().mapToLong(Long::longValue).toArray();
        shape[0] = n;
        int count = Math.toIntExact(n * width);
        parts.add(piece(pieces, file, info, row * width, count, new Shape(shape)));
      }
      NDArray whole = parts.size() == 1 ? parts.head() : NDArrays.concat(parts, 0);
      whole.attach(manager);
      return whole;
    }
  }

  private static NDArray piece(
      NDManager owner, SafetensorsFile file, TensorInfo info, long from, int count, Shape shape) {
    // A copy: an array that Java made lies in Java's direct memory, of which there is little, or in
    // the mapped file, which somebody may shorten.
    try (NDArray made = made(owner, file, info, from, count, shape)) {
      return made.duplicate();
    }
  }

  private static NDArray made(
      NDManager owner, SafetensorsFile file, TensorInfo info, long from, int count, Shape shape) {
    if (info.dtype() == Dtype.F32) {
      int bytes = count * Float.BYTES;
      return owner.create(file.slice(info, from * Float.BYTES, bytes), shape, DataType.FLOAT32);
    }
    float[] values = new float[count];
    file.floats(info, from, values, 0, count);
    return owner.create(values, shape);
  }

  private static SafetensorsFile open(Path path) {
    try {
      return SafetensorsFile.open(path);
    } catch (IOException e) {
      throw new SitsOut(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void close(SafetensorsFile file) {
    try {
      file.close();
    } catch (IOException e) {
      throw new SitsOut(file.path() + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
