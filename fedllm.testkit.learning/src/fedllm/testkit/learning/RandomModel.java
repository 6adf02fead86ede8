package fedllm.testkit.learning;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.format.Dtype;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsHeader;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Weight;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A model of random weights, and its files. */
public final class RandomModel {

  private final String config;
  private final List<Weight> layout;
  private final Map<String, float[]> weights = new LinkedHashMap<>();

  /**
   * Draws the weights: norms near one, all else normal.
   *
   * @param config the text of {@code config.json}
   * @param scratch a folder to write to
   */
  public RandomModel(ModelFamily family, String config, Head head, Path scratch)
      throws IOException {
    this.config = config;
    Path file = Files.writeString(scratch.resolve("random-model.json"), config);
    layout = family.open(ModelConfig.read(file), head).weights();
    for (Weight weight : layout) {
      float[] values = new float[(int) weight.tensor().size()];
      boolean scale = weight.tensor().shape().size() == 1 && weight.name().endsWith("weight");
      Arrays.fill(values, scale ? 1 : 0);
      Philox.of(7, 0, "", 0, weight.name()).addNormals(0, 0.2f, values, values.length);
      weights.put(weight.name(), values);
    }
  }

  /** The shape alone of {@link PlainLlama#CONFIG}. */
  public static Architecture llama(ModelFamily family) throws IOException {
    Path file = Files.createTempFile("llama", ".json");
    Files.writeString(file, PlainLlama.CONFIG);
    return family.open(ModelConfig.read(file), Head.TOKENS);
  }

  /** The values by name; matrices [out, in], as equations have them, however the files do. */
  public Map<String, float[]> weights() {
    return weights;
  }

  /** Rounds the weights to what a file of this type can hold. */
  public RandomModel rounded(Dtype dtype) {
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

  /** Writes the folder, one file of 32-bit floats. */
  public Path write(Path folder) throws IOException {
    return write(folder, Dtype.F32, 1);
  }

  /** Writes the folder, its weights spread over some files. */
  public Path write(Path folder, Dtype dtype, int shards) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config);
    Map<String, String> map = new TreeMap<>();
    for (int shard = 0; shard < shards; shard++) {
      String name =
          shards == 1
              ? "model.safetensors"
              : "model-0000%d-of-0000%d.safetensors".formatted(shard + 1, shards);
      List<Weight> part =
          layout.subList(layout.size() * shard / shards, layout.size() * (shard + 1) / shards);
      write(folder.resolve(name), dtype, part);
      part.forEach(weight -> map.put(weight.name(), name));
    }
    if (shards > 1) {
      Files.writeString(
          folder.resolve("model.safetensors.index.json"),
          new ObjectMapper().writeValueAsString(Map.of("weight_map", map)));
    }
    return folder;
  }

  private void write(Path file, Dtype dtype, List<Weight> part) throws IOException {
    List<Tensor> filed = new ArrayList<>();
    for (Weight weight : part) {
      List<Long> shape = new ArrayList<>(weight.tensor().shape());
      if (weight.transposed()) {
        Collections.reverse(shape);
      }
      filed.add(new Tensor(weight.tensor().module(), weight.tensor().parameter(), shape));
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      out.write(HeaderJson.write(SafetensorsHeader.of(new Schema(filed), dtype, Map.of())));
      for (Weight weight : part) {
        float[] values = weights.get(weight.name());
        int rows = weight.transposed() ? weight.tensor().shape().get(0).intValue() : values.length;
        int columns = values.length / rows;
        for (int i = 0; i < values.length; i++) {
          // Where the file is transposed its i-th value is element (i % rows, i / rows).
          float value = columns == 1 ? values[i] : values[i % rows * columns + i / rows];
          int bits = bits(dtype, Float.floatToIntBits(value));
          for (int b = 0; b < dtype.bytes(); b++) {
            out.write(bits >>> (8 * b));
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
