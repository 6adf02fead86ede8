package fedllm.learning.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigTest {

  @TempDir Path folder;

  @Test
  void refusesMoreLayersAndClassesThanAnyModelHas() throws IOException {
    assertEquals(10_000, config("{\"n_layer\": 10000}").size("n_layer"));
    assertSays(
        "num_hidden_layers is 2147483647, but should be at most 10000",
        "{\"num_hidden_layers\": 2147483647}",
        config -> config.size("num_hidden_layers"));
    assertSays(
        "num_labels is 100001, but should be at most 100000",
        "{\"num_labels\": 100001}",
        ModelConfig::classes);
  }

  @Test
  void namesTheFileWhoseNameOrNumberIsTooLong() {
    assertSays("config.json: is not JSON", "{\"" + "a".repeat(60_000) + "\": 1}", config -> {});
    assertSays("config.json: is not JSON", "{\"a\": " + "9".repeat(2000) + "}", config -> {});
    assertSays("config.json:2: is not JSON", "{\"a\": 1,\n\"a\" 2}", config -> {});
  }

  private void assertSays(String words, String text, Consumer<ModelConfig> use) {
    SitsOut out = assertThrows(SitsOut.class, () -> use.accept(config(text)));
    assertTrue(out.getMessage().contains(words), out::getMessage);
  }

  private ModelConfig config(String text) throws IOException {
    return ModelConfig.read(Files.writeString(folder.resolve("config.json"), text));
  }
}
