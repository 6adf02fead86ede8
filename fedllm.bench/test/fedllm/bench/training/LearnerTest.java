package fedllm.bench.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.format.Dtype;
import fedllm.learning.base.Bases;
import fedllm.learning.kernel.Trace;
import fedllm.models.llama.Llama;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnerTest {

  @TempDir Path folder;

  @Test
  void trainsAsASiloDoesAndIsSeenInParts() throws IOException {
    Path model = new Shape("tiny", 16, 24, 1, 2).write(folder.resolve("model"), Dtype.BF16);
    Bases bases = new Bases(List.of(new Llama()));
    try (Learner learner = new Learner(bases, model, "bank", 1, Map.of("checkpoint", true))) {
      Map<String, Double> parts = Parts.of(Trace.of(learner::round));
      for (String part : List.of("attention", "loss", "optimizer", "products")) {
        assertTrue(parts.get(part) > 0, parts::toString);
      }
    }
  }

  @Test
  void countsTheParametersThatItsNameSays() {
    assertEquals(24e6, Shape.SMALL.weightBytes() / 2, 1e6);
    assertEquals(134e6, Shape.LARGE.weightBytes() / 2, 1e6);
  }
}
