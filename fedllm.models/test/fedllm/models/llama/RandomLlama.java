package fedllm.models.llama;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.format.Dtype;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsHeader;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Weight;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A Llama of random weights, and its files. */
final class RandomLlama {

  private final Shape shape;
  private final List<Tensor> tensors;
  private final Map<String, float[]> weights = new HashMap<>();

  RandomLlama(Shape shape, Path scratch) throws IOException {
    this.shape = shape;
    Path config = scratch.resolve("shape.json");
    Files.writeString(config, shape.config());
    tensors =
        new Llama()
            .open(ModelConfig.read(config), Head.TOKENS).weights().stream()
                .map(Weight::tensor)
                .toList();
    for (Tensor tensor : tensors) {
      float[] values = new float[(int) tensor.size()];
      float mean = tensor.shape().size() == 1 ? 1 : 0;
      Arrays.fill(values, mean);
      Philox.of(7, 0, "", 0, tensor.name()).addNormals(0, 0.2f, values, values.length);
      weights.put(tensor.name(), values);
    }
  }

  Shape shape() {
    return shape;
  }

  Map<String, float[]> weights() {
    return weights;
  }

  /** Rounds the weights to what a file of this type can hold. */
  RandomLlama rounded(Dtype dtype) {
    for (float[] values : weights.values()) {
      for (int i = 0; i < values.length; i++) {
        int bits = Float.floatToIntBits(values[i]);
        values[i] = Float.intBitsToFloat(bits & (dtype == Dtype.BF16 ? 0xFFFF0000 : 0xFFFFE000));
        if (Math.abs(values[i]) < 1e-4f) {
          values[i] = 0; // F16 holds smaller numbers less exactly
        }
      }
    }
    return this;
  }

  Path write(Path folder) throws IOException {
    return write(folder, Dtype.F32, 1);
  }

  /** Writes the folder, its weights spread over some files. */
  Path write(Path folder, Dtype dtype, int shards) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), shape.config());
    Map<String, String> map = new TreeMap<>();
    for (int shard = 0; shard < shards; shard++) {
      String name =
          shards == 1
              ? "model.safetensors"
              : "model-0000%d-of-0000%d.safetensors".formatted(shard + 1, shards);
      int first = tensors.size() * shard / shards;
      int last = tensors.size() * (shard + 1) / shards;
      write(folder.resolve(name), dtype, tensors.subList(first, last));
      tensors.subList(first, last).forEach(tensor -> map.put(tensor.name(), name));
    }
    if (shards > 1) {
      Files.writeString(
          folder.resolve("model.safetensors.index.json"),
          new ObjectMapper().writeValueAsString(Map.of("weight_map", map)));
    }
    return folder;
  }

  private void write(Path file, Dtype dtype, List<Tensor> part) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      out.write(HeaderJson.write(SafetensorsHeader.of(new Schema(part), dtype, Map.of())));
      for (Tensor tensor : part) {
        for (float value : weights.get(tensor.name())) {
          int bits = bits(dtype, Float.floatToIntBits(value));
          for (int i = 0; i < dtype.bytes(); i++) {
            out.write(bits >>> (8 * i));
          }
        }
      }
    }
  }

  private static int bits(Dtype dtype, int f32) {
    return switch (dtype) {
      case F32 -> f32;
      case BF16 -> f32 >>> 16;
      case F16 ->
          (f32 & 0x7FFFFFFF) == 0
              ? 0
              : (f32 >>> 16 & 0x8000)
                  | ((f32 >>> 23 & 0xFF) - 127 + 15) << 10
                  | (f32 >>> 13 & 0x3FF);
      default -> throw new IllegalArgumentException(dtype + " is not needed");
    };
  }
}
