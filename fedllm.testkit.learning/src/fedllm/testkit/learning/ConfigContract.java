package fedllm.testkit.learning;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every model family makes of a {@code config.json} that is wrong. */
public interface ConfigContract {

  /** Reads and writes configurations. */
  ObjectMapper JSON = new ObjectMapper();

  /** Keys that many configurations leave out. */
  List<String> OFTEN_ABSENT =
      List.of(
          "head_dim",
          "n_inner",
          "num_labels",
          "id2label",
          "sliding_window",
          "layer_types",
          "rope_scaling",
          "rope_parameters",
          "partial_rotary_factor",
          "quantization_config");

  /** The family. */
  ModelFamily family();

  /** Texts of {@code config.json}. */
  Stream<String> configs();

  /** What the models are asked for. */
  Head head();

  /** One key at a time: the model opens, for the key may not matter, or is refused by file. */
  @Test
  default void anOddKeyIsRefusedByName() throws IOException {
    Set<String> types = new HashSet<>();
    for (String config : configs().toList()) {
      if (types.add(JSON.readTree(config).path("model_type").asText())) {
        breakEachKey(config);
      }
    }
  }

  private void breakEachKey(String config) throws IOException {
    JsonNode odd =
        JSON.readTree("[null, -1, 0, 3, 2147483647, 1e300, \"x\", [-1], {\"type\": \"x\"}]");
    Path scratch = Files.createTempDirectory("config");
    Path folder =
        new RandomModel(family(), config, head(), scratch).write(scratch.resolve("model"));
    Bases bases = new Bases(List.of(family()));
    List<String> keys = new ArrayList<>(OFTEN_ABSENT);
    JSON.readTree(config).fieldNames().forEachRemaining(keys::add);
    for (String key : keys) {
      for (JsonNode value : odd) {
        ObjectNode changed = (ObjectNode) JSON.readTree(config);
        changed.set(key, value);
        Files.writeString(folder.resolve("config.json"), changed.toString());
        try (Base base = bases.open(folder, head(), Precision.FP32)) {
          assertTrue(base.architecture().layers() > 0);
        } catch (SitsOut out) {
          assertTrue(out.getMessage().contains(folder.toString()), out::getMessage);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(key + ": " + value, e);
        }
      }
    }
  }
}
