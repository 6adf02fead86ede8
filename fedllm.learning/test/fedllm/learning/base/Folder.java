package fedllm.learning.base;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.format.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes a model of the smallest family. */
final class Folder {

  static final int VOCABULARY = 5;

  private Folder() {}

  static Path write(Path folder) throws IOException {
    return write(folder, tensor("table", VOCABULARY, 3), tensor("middle", 3, 3));
  }

  static Path write(Path folder, Tensor... tensors) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "bigrams", "vocab_size": 5, "hidden_size": 3}
        """);
    Path file = folder.resolve("model.safetensors");
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, new Schema(List.of(tensors)), Map.of())) {
      for (Tensor tensor : tensors) {
        float[] values = new float[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) Math.sin(i + tensor.module().length());
        }
        writer.write(Unit.block(tensor, 0), values);
      }
      writer.commit();
    }
    return folder;
  }

  static Tensor tensor(String module, long... shape) {
    return new Tensor(module, "weight", Arrays.stream(shape).boxed().toList());
  }
}
