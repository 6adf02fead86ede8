package fedllm.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.tensor.Tensors;
import fedllm.format.ModelFolder;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.llama.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainingTest {

  private static final Path SHIPPED = Path.of("..", "launch", "demo", "model");
  private static final Batch BATCH =
      Batch.of(
          List.of(
              Row.next(new int[] {0, 20, 30, 40, 50, 1}, 1),
              Row.next(new int[] {0, 20, 31, 1}, 1)));

  @TempDir Path folder;

  @Test
  void learnsWhatItReads() throws IOException {
    try (Pretraining pretraining = new Pretraining(architecture(), 7)) {
      double first = pretraining.step(BATCH, 1e-3);
      assertEquals(Math.log(258), first, 0.3);
      double last = first;
      for (int step = 0; step < 20; step++) {
        last = pretraining.step(BATCH, 1e-3);
      }
      assertTrue(last < first / 4, first + " became " + last);
    }
  }

  @Test
  void makesTheSameBitsAgain() throws IOException {
    Tensors once = afterSteps(7);
    Tensors again = afterSteps(7);
    for (int i = 0; i < once.schema().tensors().size(); i++) {
      assertArrayEquals(once.values(i), again.values(i), once.schema().tensors().get(i).name());
    }
  }

  @Test
  void shipsAModelThatLoadsAndIsSmall() throws IOException {
    try (Base base = new Bases(List.of(new Llama())).open(SHIPPED)) {
      assertTrue(base.tokenizer().encode("Question: Which ward").length > 3);
    }
    try (Stream<Path> files = Files.list(SHIPPED)) {
      long bytes = files.mapToLong(file -> file.toFile().length()).sum();
      assertTrue(bytes < 6_000_000, bytes + " bytes");
    }
    assertEquals(1, ModelFolder.open(SHIPPED).weights().size());
  }

  private Tensors afterSteps(long seed) throws IOException {
    try (Pretraining pretraining = new Pretraining(architecture(), seed)) {
      for (int step = 0; step < 3; step++) {
        pretraining.step(BATCH, 1e-3);
      }
      return pretraining.weights();
    }
  }

  private Architecture architecture() throws IOException {
    Blueprint.write(folder, BytePairs.train(List.of(), 258));
    return new Llama().open(ModelConfig.read(folder.resolve("config.json")), Head.TOKENS);
  }
}
