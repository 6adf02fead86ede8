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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every model family makes of a {@code config.json} that is wrong. */
public interface ConfigContract {

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
  @ParameterizedTest
  @MethodSource("configs")
  default void anOddKeyIsRefusedByName(String config) throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode odd =
        json.readTree(
            "[null, true, -1, 0, 1, 3, 65537, 2147483647, 9223372036854775807, 1e300, 0.5, \"x\","
                + " [], {}, [-1, \"x\"], {\"type\": \"x\"}, {\"0\": 1}]");
    Path scratch = Files.createTempDirectory("config");
    Path folder =
        new RandomModel(family(), config, head(), scratch).write(scratch.resolve("model"));
    Bases bases = new Bases(List.of(family()));
    List<String> keys = new ArrayList<>();
    json.readTree(config).fieldNames().forEachRemaining(keys::add);
    keys.addAll(OFTEN_ABSENT);
    for (String key : keys) {
      for (JsonNode value : odd) {
        ObjectNode changed = (ObjectNode) json.readTree(config);
        changed.set(key, value);
        Files.writeString(folder.resolve("config.json"), changed.toString());
        for (Head asked : new Head[] {head(), null}) {
          try (Base base = bases.open(folder, asked, Precision.FP32)) {
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
}
