package fedllm.trainers;

import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.format.SafetensorsWriter;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Weight;
import fedllm.models.llama.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes a small Llama of random weights. */
public final class SmallBase {

  /** Tokens that it knows. */
  public static final int VOCABULARY = 31;

  private SmallBase() {}

  /** Writes the folder. */
  public static void write(Path folder) throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        """
        {"model_type": "llama", "hidden_size": 32, "intermediate_size": 48,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "vocab_size": %d, "max_position_embeddings": 64, "tie_word_embeddings": true}
        """
            .formatted(VOCABULARY));
    List<Tensor> weights =
        new Llama()
            .open(ModelConfig.read(config), Head.TOKENS).weights().stream()
                .map(Weight::tensor)
                .toList();
    try (SafetensorsWriter writer =
        new SafetensorsWriter(folder.resolve("model.safetensors"), new Schema(weights), Map.of())) {
      for (Tensor weight : weights) {
        float[] values = new float[(int) weight.size()];
        Arrays.fill(values, weight.shape().size() == 1 ? 1 : 0);
        Philox.of(3, 0, "", 0, weight.name()).addNormals(0, 0.15f, values, values.length);
        writer.write(Unit.block(weight, 0), values);
      }
      writer.commit();
    }
  }
}
