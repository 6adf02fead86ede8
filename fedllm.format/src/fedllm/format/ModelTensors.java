package fedllm.format;

import fedllm.api.error.SitsOut;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** The weight files, in order of their names. */
  public List<SafetensorsFile> files() {
    return List.copyOf(files);
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
