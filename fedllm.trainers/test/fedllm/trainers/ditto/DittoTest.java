package fedllm.trainers.ditto;

import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.norm;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Bowls;
import fedllm.trainers.Kept;
import fedllm.trainers.SmallClient;
import fedllm.trainers.adamw.AdamW;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DittoTest {

  private static final List<Example> TEXTS = SmallClient.examples("bank", 9);

  private static Training bowl(double lambda) {
    return new Ditto()
        .open(
            TestOptions.ofPlugin(Ditto.class, Map.of("lambda", lambda))
                .with("of", new Bowls(400, 0.05), TestOptions.none()),
            Bowls.site("bank"));
  }

  /** {@code argmin f(v) + λ/2 |v - w|²}: the bottom of the client's own bowl, or w, or between. */
  @Test
  void endsBetweenItsOwnBestAndTheSharedOne() {
    for (double lambda : List.of(0.0, 0.5, 35.0)) {
      Training client = bowl(lambda);
      Tensors w = Bowls.at(3);
      client.train(Bowls.work(1), w);
      Tensors v = client.view(Bowls.work(2), w);
      for (int i = 0; i < Bowls.WIDTH; i++) {
        double a = Bowls.curve("bank", i);
        double own = Bowls.bottom("bank", i);
        assertEquals((a * own + lambda * 3) / (a + lambda), v.values(0)[i], 1e-5);
        if (lambda == 0) {
          assertEquals(own, v.values(0)[i], 1e-5);
        } else if (lambda == 35) {
          assertEquals(3, v.values(0)[i], 0.1 * Math.abs(3 - own));
        }
      }
    }
  }

  @Test
  void withoutAPullThePersonalModelIsThatOfAClientAloneAndTheSharedUpdateIsAsEver(
      @TempDir Path base) throws Exception {
    SmallClient small = new SmallClient(base);
    Map<String, Object> options = Map.of("keepState", true);
    try (Training plain = small.open("bank", 9, options);
        Training alone = small.open("bank", 9, options);
        Training ditto =
            small.wrapped(
                new Ditto(),
                Map.of("lambda", 0),
                new AdamW(small.bases()),
                "bank",
                TEXTS,
                options)) {
      Tensors w = ditto.initial().tensors();
      assertSame(w, ditto.view(Bowls.work(1), w)); // before it has learned anything
      Tensors mine = w.copy();
      for (int round = 1; round <= 3; round++) {
        Work work = new Work(round, Map.of(), SmallClient.QUIET);
        Learned learned = ditto.train(work, w);
        assertSame(plain.train(work, w).update(), learned.update());
        mine.plus(alone.train(work, mine).update());
        assertSame(mine, ditto.view(work, w));
        assertTrue(learned.metrics().containsKey("personal.loss.last"), learned.toString());
        w = w.copy().plus(learned.update()).plus(learned.update()); // others learned, too
      }
      assertTrue(norm(w.copy().minus(mine)) > 0);
    }
  }

  @Test
  void goesOnFromWhatItKept(@TempDir Path base) throws Exception {
    SmallClient small = new SmallClient(base);
    Map<String, Object> keeps = Map.of("keepState", true);
    try (Training client =
            small.wrapped(new Ditto(), Map.of(), new AdamW(small.bases()), "bank", TEXTS, keeps);
        Training restarted =
            small.wrapped(new Ditto(), Map.of(), new AdamW(small.bases()), "bank", TEXTS, keeps)) {
      train(client, 1);
      Kept.move((Stateful) client, (Stateful) restarted);
      assertSame(train(client, 2).update(), train(restarted, 2).update());
      assertSame(Kept.of(client), Kept.of(restarted));
    }
  }
}
