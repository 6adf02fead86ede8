package fedllm.bench.training;

import fedllm.api.random.Philox;
import fedllm.format.Dtype;
import fedllm.format.ModelWriter;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Weight;
import fedllm.models.llama.Llama;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A Llama to measure with: heads of the usual widths, a vocabulary of 32,000, nothing tied. */
record Shape(String name, int width, int inner, int layers, int heads) {

  static final int VOCABULARY = 32_000;

  /** 24 million parameters. */
  static final Shape SMALL = new Shape("24M", 288, 768, 6, 6);

  /** 134 million parameters. */
  static final Shape LARGE = new Shape("134M", 768, 2048, 12, 12);

  /** Writes the model's folder, with random weights of deviation 0.02. */
  Path write(Path folder, Dtype dtype) throws IOException {
    byte[] config = config().getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(Files.createTempFile("shape", ".json"), config);
    List<Weight> weights = new Llama().open(ModelConfig.read(file), Head.TOKENS).weights();
    Files.delete(file);
    List<ModelWriter.Entry> entries =
        weights.stream()
            .map(w -> new ModelWriter.Entry(w.name(), dtype, w.tensor().shape()))
            .toList();
    try (ModelWriter writer = new ModelWriter(folder, entries)) {
      writer.file("config.json", config);
      writer.file("tokenizer.json", tokenizer().getBytes(StandardCharsets.UTF_8));
      for (Weight weight : weights) {
        float[] values = new float[(int) weight.tensor().size()];
        if (weight.role() == Weight.Role.VECTOR) {
          Arrays.fill(values, 1);
        } else {
          Philox.of(7, 0, "", 0, weight.name()).addNormals(0, 0.02f, values, values.length);
        }
        writer.write(weight.name(), values, 0, values.length);
      }
      writer.commit();
    }
    return folder;
  }

  private String config() {
    return """
    {"model_type": "llama", "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d,
     "num_attention_heads": %d, "vocab_size": %d, "max_position_embeddings": 2048,
     "tie_word_embeddings": false}
    """
        .formatted(width, inner, layers, heads, VOCABULARY);
  }

  /** Each token is a word. */
  private static String tokenizer() {
    return IntStream.range(0, VOCABULARY)
        .mapToObj(i -> "\"w" + i + "\":" + i)
        .collect(
            Collectors.joining(
                ",", "{\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"w0\",\"vocab\":{", "}}}"));
  }

  /** Multiplications that a token goes through, forth; the embedding is looked up. */
  private double products() {
    double layer = 4.0 * width * width + 3.0 * width * inner;
    return layers * layer + (double) VOCABULARY * width;
  }

  /** Floating-point operations of a step for one token: forth, and back to the inputs alone. */
  double stepFlops(int length) {
    double attention = 3 * 4.0 * length * width * layers / 2;
    return 4 * products() + attention;
  }

  /** Bytes of all weights in bfloat16. */
  double weightBytes() {
    return 2 * (products() + (double) VOCABULARY * width);
  }

  /** Bytes of weights that one generated token reads. */
  double bytesPerToken(Dtype dtype) {
    return products() * dtype.bytes();
  }
}
