package fedllm.runtime.server;

import fedllm.api.error.Ends;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsWriter;
import fedllm.format.Sha256;
import fedllm.format.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** A run's global states as files, each written whole or not at all; the last two stay. */
final class GlobalStates {

  /** What loaders of adapters expect. */
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private final Path folder;

  GlobalStates(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be made", e);
    }
  }

  Path path(int round) {
    return folder.resolve("global-" + round + ".safetensors");
  }

  SafetensorsWriter writer(int round, Schema schema) throws IOException {
    return new SafetensorsWriter(path(round), schema, METADATA);
  }

  SafetensorsFile open(int round) {
    try {
      return SafetensorsFile.open(path(round));
    } catch (IOException e) {
      throw new Ends("the global state of round " + round + " cannot be read: " + e, e);
    }
  }

  /** Whether a round's file is there and is what its record says. */
  boolean holds(int round, String sha256) {
    try {
      return Files.exists(path(round)) && Sha256.hex(path(round)).equals(sha256);
    } catch (IOException e) {
      throw new Ends("the global state of round " + round + " cannot be read: " + e, e);
    }
  }

  void forgetBefore(int round) {
    try {
      for (int old = round - 1; old >= 0 && Files.deleteIfExists(path(old)); old--) {
        // the next older one
      }
    } catch (IOException e) {
      throw new UncheckedIOException("an old global state cannot be removed", e);
    }
  }

  /** Lays the result out as an adapter's folder. */
  Path export(int round, Map<String, String> files) {
    Path adapter = folder.resolve("adapter");
    try {
      Files.createDirectories(adapter);
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(adapter.resolve(Path.of(file.getKey()).getFileName()), file.getValue());
      }
      Files.copy(
          path(round),
          adapter.resolve("adapter_model.safetensors"),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new Ends("the adapter cannot be written: " + e, e);
    }
    return adapter;
  }

  /** Reads a unit's values out of a state. */
  static void read(SafetensorsFile state, Unit unit, float[] out) {
    int at = 0;
    for (Tensor tensor : unit.tensors()) {
      TensorInfo info = state.tensor(tensor.name());
      int count = unit.tensors().size() == 1 ? unit.length() : Math.toIntExact(tensor.size());
      state.floats(info, unit.tensors().size() == 1 ? unit.offset() : 0, out, at, count);
      at += count;
    }
  }
}
