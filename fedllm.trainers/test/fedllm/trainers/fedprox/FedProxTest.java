package fedllm.trainers.fedprox;

import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.norm;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Bowls;
import fedllm.trainers.SmallClient;
import fedllm.trainers.adamw.AdamW;
import fedllm.trainers.mezo.Mezo;
import fedllm.trainers.sgd.Sgd;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FedProxTest {

  private static final List<Example> TEXTS = SmallClient.examples("bank", 9);

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  private Training prox(double mu, Map<String, Object> changes) {
    return small.wrapped(
        new FedProx(), Map.of("mu", mu), new AdamW(small.bases()), "bank", TEXTS, changes);
  }

  @Test
  void withoutAPullIsTheOtherTrainerToTheBit() {
    for (boolean keeps : List.of(false, true)) {
      Map<String, Object> options = Map.of("keepState", keeps, "clipNorm", 0.5);
      try (Training plain = small.open("bank", 9, options);
          Training prox = prox(0, options)) {
        assertEquals(keeps, prox instanceof Stateful);
        for (int round = 1; round <= 2; round++) {
          assertSame(train(plain, round).update(), train(prox, round).update());
        }
      }
    }
  }

  @Test
  void theHarderThePullTheLessMoves() {
    double free = 0;
    double before = Double.MAX_VALUE;
    for (double mu : List.of(0.0, 1.0, 100.0)) {
      Map<String, Object> steps = Map.of("steps", 30, "learningRate", 0.01);
      try (Training prox =
          small.wrapped(
              new FedProx(), Map.of("mu", mu), new Sgd(small.bases()), "bank", TEXTS, steps)) {
        double moved = norm(train(prox, 1).update());
        assertTrue(moved < before, moved + " at " + mu + " is not less than " + before);
        before = moved;
        free = Math.max(free, moved);
      }
    }
    assertTrue(before < 0.1 * free, before + " beside " + free + " is not where it began");
  }

  @Test
  void endsAtTheProximalPointOfAQuadratic() {
    Bowls bowls = new Bowls(400, 0.05);
    for (double mu : List.of(0.0, 0.1, 1.0, 30.0)) {
      Training prox =
          new FedProx()
              .open(
                  TestOptions.ofPlugin(FedProx.class, Map.of("mu", mu))
                      .with("of", bowls, TestOptions.none()),
                  Bowls.site("bank"));
      Tensors start = Bowls.at(3f);
      Tensors end = prox.train(Bowls.work(1), start).update().plus(start);
      for (int i = 0; i < Bowls.WIDTH; i++) {
        double a = Bowls.curve("bank", i);
        double point = (a * Bowls.bottom("bank", i) + mu * 3) / (a + mu);
        assertEquals(point, end.values(0)[i], 1e-5, "mu " + mu);
      }
    }
  }

  @Test
  void refusesATrainerWithoutGradientsByName() {
    Bases bases = small.bases();
    SitsOut out =
        assertThrows(
            SitsOut.class,
            () -> small.wrapped(new FedProx(), Map.of(), new Mezo(bases), "bank", TEXTS, Map.of()));
    assertTrue(out.getMessage().contains("Mezo"), out.getMessage());
  }
}
