package fedllm.trainers.adamw;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.data.Example;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.format.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small federated run that PyTorch did: weights, every batch, every loss. */
final class ParitySet {

  private static final Map<String, String> LINEARS =
      Map.of(
          "q", "self_attn.q_proj",
          "k", "self_attn.k_proj",
          "v", "self_attn.v_proj",
          "o", "self_attn.o_proj",
          "gate", "mlp.gate_proj",
          "up", "mlp.up_proj",
          "down", "mlp.down_proj");

  private final Path folder;
  private final ByteBuffer bytes;
  private final Map<String, JsonNode> tensors = new LinkedHashMap<>();

  ParitySet(Path folder) throws IOException {
    this.folder = folder;
    bytes =
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("parity.bin")))
            .order(ByteOrder.LITTLE_ENDIAN);
    JsonNode json = new ObjectMapper().readTree(Files.readString(folder.resolve("parity.json")));
    json.get("tensors").forEach(tensor -> tensors.put(tensor.get("name").asText(), tensor));
  }

  /** The lines of one kind that the run printed. */
  List<JsonNode> printed(String kind) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("losses.jsonl"))) {
      JsonNode json = new ObjectMapper().readTree(line);
      if (json.get("ev").asText().equals(kind)) {
        lines.add(json);
      }
    }
    return lines;
  }

  /** A client's examples, round after round. */
  List<Example> train(int client) {
    List<Example> examples = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      for (int step = 0; step < 30; step++) {
        examples.addAll(rows("batch." + round + "." + client + "." + step));
      }
    }
    return examples;
  }

  List<Example> heldOut(int client) {
    return rows("eval." + client);
  }

  private List<Example> rows(String batch) {
    int[] x = ids(batch + ".x");
    int[] y = ids(batch + ".y");
    List<Example> rows = new ArrayList<>();
    for (int row = 0; row < 4; row++) {
      int[] ids = new int[33];
      System.arraycopy(x, row * 32, ids, 0, 32);
      ids[32] = y[row * 32 + 31];
      rows.add(new Example.Tokens(ids));
    }
    return rows;
  }

  private int[] ids(String name) {
    JsonNode tensor = tensors.get(name);
    int[] ids = new int[tensor.get("bytes").asInt() / Integer.BYTES];
    bytes
        .slice(tensor.get("offset").asInt(), tensor.get("bytes").asInt())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(ids);
    return ids;
  }

  private float[] values(String name) {
    JsonNode tensor = tensors.get(name);
    float[] values = new float[tensor.get("bytes").asInt() / Float.BYTES];
    bytes
        .slice(tensor.get("offset").asInt(), tensor.get("bytes").asInt())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  /** The state that the run started from. */
  Tensors start(Schema schema) {
    List<float[]> values = new ArrayList<>();
    Map<String, String> back = new HashMap<>();
    LINEARS.forEach((mine, theirs) -> back.put(theirs, mine));
    for (Tensor tensor : schema.tensors()) {
      String[] parts = tensor.module().split("layers\\.", 2)[1].split("\\.", 2);
      String factor = tensor.parameter().substring(5, 6);
      values.add(values("blocks." + parts[0] + "." + back.get(parts[1]) + "." + factor));
    }
    return new Tensors(schema, values);
  }

  /** Writes the base in Hugging Face layout. */
  void writeBase(Path to) throws IOException {
    Files.writeString(
        to.resolve("config.json"),
        """
        {"model_type": "llama", "hidden_size": 64, "intermediate_size": 192,
         "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 256,
         "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10000.0}
        """);
    Map<String, String> names = new LinkedHashMap<>();
    names.put("emb", "model.embed_tokens");
    names.put("norm.weight", "model.norm");
    names.put("head.weight", "lm_head");
    for (int layer = 0; layer < 2; layer++) {
      String mine = "blocks." + layer + ".";
      String theirs = "model.layers." + layer + ".";
      names.put(mine + "n1.weight", theirs + "input_layernorm");
      names.put(mine + "n2.weight", theirs + "post_attention_layernorm");
      LINEARS.forEach((from, name) -> names.put(mine + from + ".weight", theirs + name));
    }
    List<Tensor> schema = new ArrayList<>();
    names.forEach(
        (mine, theirs) -> {
          List<Long> shape = new ArrayList<>();
          tensors.get(mine).get("shape").forEach(n -> shape.add(n.asLong()));
          schema.add(new Tensor(theirs, "weight", shape));
        });
    try (SafetensorsWriter writer =
        new SafetensorsWriter(to.resolve("model.safetensors"), new Schema(schema), Map.of())) {
      int i = 0;
      for (String mine : names.keySet()) {
        writer.write(Unit.block(schema.get(i++), 0), values(mine));
      }
      writer.commit();
    }
  }
}
