package fedllm.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.learning.model.Head;
import fedllm.learning.model.Weight;
import fedllm.learning.storage.Floating;
import fedllm.learning.storage.Storage;
import fedllm.models.int8.EightBit;
import fedllm.models.llama.Llama;
import fedllm.testkit.learning.PlainLlama;
import fedllm.testkit.learning.RandomModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightBytesTest {

  @TempDir Path folder;

  private final Bases bases = new Bases(List.of(new Llama()));

  @BeforeEach
  void write() throws Exception {
    new RandomModel(new Llama(), PlainLlama.CONFIG, Head.TOKENS, folder)
        .write(folder.resolve("model"));
  }

  @Test
  void areFourForEachValueAndTwoInSixteenBitsSaveForVectors() {
    long values = 0;
    long vectors = 0;
    try (Base base = bases.open(folder.resolve("model"), Head.TOKENS)) {
      for (Weight weight : base.architecture().weights()) {
        long size = weight.tensor().size();
        values += size;
        vectors += weight.role() == Weight.Role.VECTOR ? size : 0;
      }
      assertEquals(4 * values, bases.bytes());
    }
    assertEquals(2 * values + 2 * vectors, bytes(Floating.BF16));
  }

  @Test
  void areThoseOfAllThatCodedMatricesNeed() {
    long bytes = 0;
    try (Base base = bases.open(folder.resolve("model"), Head.TOKENS)) {
      for (Weight weight : base.architecture().weights()) {
        long size = weight.tensor().size();
        bytes +=
            switch (weight.role()) {
              case VECTOR -> 4 * size;
              case TABLE -> 2 * size;
              case MATRIX -> size + 4 * weight.tensor().shape().get(0); // a scale for each row
            };
      }
    }
    assertEquals(bytes, bytes(new EightBit()));
    assertEquals(0, bases.bytes());
  }

  private long bytes(Storage storage) {
    Precision precision = new Precision(Route.FP32, storage);
    try (Base base = bases.open(folder.resolve("model"), Head.TOKENS, precision)) {
      assertEquals(storage, base.precision().storage());
      return bases.bytes();
    }
  }
}
