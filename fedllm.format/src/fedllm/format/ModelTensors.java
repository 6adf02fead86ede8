package fedllm.format;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensor;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The tensors of all weight files of a model, each once. Safe for many threads. */
public final class ModelTensors implements Closeable {

  private final ModelFolder folder;
  private final List<SafetensorsFile> files = new ArrayList<>();
  private final Map<String, SafetensorsFile> homes = new HashMap<>();

  private ModelTensors(ModelFolder folder) {
    this.folder = folder;
  }

  /**
   * Opens every weight file and checks the headers, one another and the index; reads no tensor.
   *
   * @throws SitsOut when one is broken, two hold the same tensor, or the index says otherwise
   */
  public static ModelTensors open(ModelFolder folder) {
    ModelTensors tensors = new ModelTensors(folder);
    try {
      for (Path path : folder.weights()) {
        tensors.add(SafetensorsFile.open(path));
      }
      tensors.checkIndex();
      return tensors;
    } catch (IOException e) {
      tensors.close();
      throw new SitsOut(folder.folder() + ": cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      tensors.close();
      throw e;
    }
  }

  private void add(SafetensorsFile file) {
    files.add(file);
    for (TensorInfo tensor : file.header().tensors()) {
      if (homes.put(tensor.name(), file) != null) {
        throw new SitsOut(
            file.path() + ": holds " + Shown.name(tensor.name()) + ", as another weight file does");
      }
    }
  }

  private void checkIndex() {
    Path index = folder.folder().resolve(WeightIndex.NAME);
    if (!Files.exists(index)) {
      return;
    }
    WeightIndex.read(index)
        .files()
        .forEach(
            (tensor, file) -> {
              SafetensorsFile home = homes.get(tensor);
              if (home == null || !home.path().equals(index.resolveSibling(file))) {
                throw new SitsOut(
                    index
                        + ": says that "
                        + Shown.name(file)
                        + " holds "
                        + Shown.name(tensor)
                        + ", but it does not; download the model again");
              }
            });
  }

  /**
   * Checks that these tensors are here, in these shapes, as floats of 32 or 16 bits, and no others:
   * what a model would not use changes its output. Reads no tensor.
   *
   * @param ignored names that may be here without being wanted
   * @throws SitsOut which names file and tensor
   */
  public void check(List<Tensor> wanted, Predicate<String> ignored) {
    Set<String> names = new HashSet<>();
    wanted.forEach(tensor -> names.add(tensor.name()));
    for (SafetensorsFile file : files) {
      for (TensorInfo tensor : file.header().tensors()) {
        if (!names.contains(tensor.name()) && !ignored.test(tensor.name())) {
          throw new SitsOut(
              file.path() + ": holds " + tensor + ", which a model of this config.json has not");
        }
      }
    }
    wanted.forEach(this::check);
  }

  private void check(Tensor wanted) {
    SafetensorsFile file = homes.get(wanted.name());
    if (file == null) {
      throw new SitsOut(
          folder.folder()
              + ": no weight file holds "
              + wanted
              + "; config.json and the weights do not belong together");
    }
    TensorInfo held = file.tensor(wanted.name());
    if (!held.shape().equals(wanted.shape())) {
      throw new SitsOut(
          file.path()
              + ": "
              + held
              + " should have the shape "
              + wanted.shape()
              + " of config.json");
    }
    if (!held.dtype().isFloat()) {
      throw new SitsOut(file.path() + ": " + held + " should be F32, F16 or BF16");
    }
  }

  /** All tensors, file by file, in the order of their bytes. */
  public List<TensorInfo> all() {
    return files.stream().flatMap(file -> file.header().tensors().stream()).toList();
  }

  /** The file that holds a tensor; a missing one is refused by name. */
  public SafetensorsFile file(String name) {
    SafetensorsFile file = homes.get(name);
    if (file == null) {
      throw new SitsOut(folder.folder() + ": no weight file holds " + Shown.name(name));
    }
    return file;
  }

  /** A tensor's place in its file; a missing one is refused by name. */
  public TensorInfo tensor(String name) {
    return file(name).tensor(name);
  }

  /** Slices that were taken stay valid. */
  @Override
  public void close() {
    for (SafetensorsFile file : files) {
      try {
        file.close();
      } catch (IOException e) {
        throw new SitsOut(file.path() + ": cannot be closed: " + e.getMessage(), e);
      }
    }
  }
}
