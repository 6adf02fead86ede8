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

  /** What the names of modules begin with that are beside the adapter, and no part of it. */
  private static final String BESIDE = "fedllm.";

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
      export(round, adapter);
    } catch (IOException e) {
      throw new Ends("the adapter cannot be written: " + e, e);
    }
    return adapter;
  }

  /** The adapter's tensors as loaders want them, and the whole state where there is more of it. */
  private void export(int round, Path folder) throws IOException {
    Path file = folder.resolve("adapter_model.safetensors");
    try (SafetensorsFile state = SafetensorsFile.open(path(round))) {
      Schema adapter = state.schema().only(module -> !module.startsWith(BESIDE));
      if (adapter.equals(state.schema())) {
        Files.copy(path(round), file, StandardCopyOption.REPLACE_EXISTING);
        return;
      }
      Files.copy(
          path(round),
          folder.resolve("fedllm_state.safetensors"),
          StandardCopyOption.REPLACE_EXISTING);
      if (adapter.tensors().isEmpty()) {
        return;
      }
      try (SafetensorsWriter part = new SafetensorsWriter(file, adapter, METADATA)) {
        float[] values = new float[Unit.MAX_VALUES];
        for (Tensor tensor : adapter.tensors()) {
          for (int i = 0; i < Unit.blocks(tensor); i++) {
            read(state, Unit.block(tensor, i), values);
            part.write(Unit.block(tensor, i), values);
          }
        }
        part.appear();
      }
    }
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
