package fedllm.trainers.mezo;

import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.plugin.Options;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Base;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.train.Perturbation;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.trainers.SmallClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MezoTest {

  private static final List<Example> TEXTS = SmallClient.examples("bank", 16);

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  @Test
  void learnsWithoutAWayBack() {
    Map<String, Object> options = Map.of("steps", 150, "batch", 16, "learningRate", 3e-4);
    try (Training client = small.open(Mezo::new, "bank", TEXTS, List.of("*"), options)) {
      Learned learned = train(client, 1);
      double first = learned.metrics().get("loss.first");
      double last = learned.metrics().get("loss.last");
      assertTrue(last < first - 0.05, first + " became " + last);
    }
  }

  @Test
  void takesTheSameStepsEachTime() {
    Map<String, Object> options = Map.of("steps", 3);
    Tensors before;
    try (Training client = small.open(Mezo::new, "bank", TEXTS, List.of("*"), options)) {
      before = train(client, 1).update();
    }
    try (Training client = small.open(Mezo::new, "bank", TEXTS, List.of("*"), options)) {
      assertSame(before, train(client, 1).update());
    }
  }

  @Test
  void goesBackWhereItCameFromUpToRounding() {
    Base opened = small.bases().open(base);
    Options lora = TestOptions.of(Lora.Config.class, Map.of("rank", 4, "targets", List.of("*")));
    try (LanguageModel model =
            new LanguageModel(
                opened, new Lora().open(lora, opened.architecture()), Perturbation.PART);
        NDManager owner = model.newManager()) {
      Tensors initial = model.initial(1);
      NDList p = model.list(owner, "p", initial);
      Perturbation perturbation = new Perturbation(model, p);
      Philox z = Philox.of(1, 1, "bank", 0, "direction");
      perturbation.move(z::addNormals, 0.01);
      float[] whole = new float[(int) initial.schema().size()];
      z.addNormals(0, 1, whole, whole.length);
      int at = 0;
      for (int t = 0; t < p.size(); t++) {
        float[] moved = p.get(t).toFloatArray();
        for (int i = 0; i < moved.length; i++) {
          assertEquals(initial.values(t)[i] + 0.01 * whole[at++], moved[i], 1e-6);
        }
      }
      perturbation.move(z::addNormals, -0.02);
      perturbation.move(z::addNormals, 0.01);
      for (int t = 0; t < p.size(); t++) {
        NDArray back = p.get(t);
        float[] values = back.toFloatArray();
        for (int i = 0; i < values.length; i++) {
          assertEquals(initial.values(t)[i], values[i], 1e-7);
        }
      }
    }
  }
}
