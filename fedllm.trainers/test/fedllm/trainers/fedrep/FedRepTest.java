package fedllm.trainers.fedrep;

import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.norm;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.strategies.add.Add;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Bowls;
import fedllm.trainers.EqualMean;
import fedllm.trainers.Kept;
import fedllm.trainers.SmallClient;
import fedllm.trainers.Subspace;
import fedllm.trainers.adamw.AdamW;
import fedllm.trainers.fedper.FedPer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FedRepTest {

  private static final List<Example> TEXTS = SmallClient.examples("bank", 9);
  private static final Map<String, Object> LAST = Map.of("head", List.of("layers.1"));

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  private Training rep(Map<String, Object> outer, Map<String, Object> changes) {
    return small.wrapped(new FedRep(), outer, new AdamW(small.bases()), "bank", TEXTS, changes);
  }

  @Test
  void recoversTheSubspaceThatClientsShare() {
    Subspace subspace = new Subspace(20, 0.1);
    Map<String, Training> clients = new LinkedHashMap<>();
    for (int i = 0; i < 8; i++) {
      clients.put(
          "client" + i,
          new FedRep()
              .open(
                  TestOptions.ofPlugin(FedRep.class, Map.of("head", List.of("head")))
                      .with("of", subspace, TestOptions.none()),
                  Bowls.site("client" + i)));
    }
    EqualMean server =
        new EqualMean(new Add().open(TestOptions.none(), new Scope("run", "server", 1)));
    Tensors body = clients.get("client0").initial().tensors();
    double first = Subspace.angle(body.values(0));
    assertTrue(first > 0.5, "it begins at the answer: " + first);
    for (int round = 1; round <= 600; round++) {
      body = server.round(round, body, clients);
    }
    double last = Subspace.angle(body.values(0));
    assertTrue(last < 1e-3, "the angle was " + first + " and is " + last);
  }

  @Test
  void theHeadIsInNoStateAndInNoUpdate() {
    try (Training rep = rep(LAST, Map.of("steps", 10));
        Training plain = small.open("bank", 9, Map.of())) {
      Tensors all = plain.initial().tensors();
      Tensors body = rep.initial().tensors();
      Learned learned = train(rep, 1);
      assertEquals(body.schema(), learned.update().schema());
      for (Tensor tensor : body.schema().tensors()) {
        assertFalse(tensor.name().contains("layers.1"), tensor.toString());
        assertArrayEquals(all.values(tensor.name()), body.values(tensor.name()));
      }
      assertTrue(norm(learned.update()) > 0);
      assertTrue(learned.metrics().containsKey("head.loss.first"), learned.toString());
      Tensors view = rep.view(Bowls.work(1), body);
      assertEquals(all.schema(), view.schema());
      assertTrue(norm(view.copy().minus(all)) > 0, "its head learned nothing");
    }
  }

  @Test
  void firstTheHeadMovesAndThenTheBody() {
    // Of two steps one is the head's: the other begins where it ended.
    Map<String, Object> half = Map.of("head", List.of("layers.1"), "headShare", 0.5);
    Map<String, Object> decays = Map.of("steps", 2, "weightDecay", 0.5);
    try (Training rep = rep(half, decays);
        Training per =
            small.wrapped(new FedPer(), LAST, new AdamW(small.bases()), "bank", TEXTS, decays)) {
      Tensors body = rep.initial().tensors();
      Learned learned = train(rep, 1);
      Learned together = train(per, 1);
      assertEquals(together.metrics().get("loss.first"), learned.metrics().get("head.loss.first"));
      assertTrue(norm(learned.update().copy().minus(together.update())) > 0);
      assertEquals(together.update().schema(), learned.update().schema());
      assertSame(body, rep.initial().tensors());
    }
  }

  @Test
  void fedPerLearnsAsTheTrainerInsideAndKeepsTheHead() {
    try (Training plain = small.open("bank", 9, Map.of());
        Training per =
            small.wrapped(new FedPer(), LAST, new AdamW(small.bases()), "bank", TEXTS, Map.of())) {
      Tensors whole = train(plain, 1).update();
      Tensors shared = train(per, 1).update();
      assertSame(whole.only(tensor -> !tensor.name().contains("layers.1")), shared);
      Tensors view = per.view(Bowls.work(2), per.initial().tensors());
      Tensors head = view.only(tensor -> tensor.name().contains("layers.1"));
      Tensors learned =
          plain.initial().tensors().plus(whole).only(tensor -> tensor.name().contains("layers.1"));
      assertSame(learned, head);
    }
  }

  @Test
  void goesOnFromWhatItKept() throws Exception {
    Map<String, Object> keeps = Map.of("keepState", true);
    try (Training client = rep(LAST, keeps);
        Training restarted = rep(LAST, keeps)) {
      train(client, 1);
      Kept.move((Stateful) client, (Stateful) restarted);
      assertSame(train(client, 2).update(), train(restarted, 2).update());
      assertSame(Kept.of(client), Kept.of(restarted));
    }
  }

  @Test
  void refusesAHeadThatIsNothingOrAll() {
    SitsOut out =
        assertThrows(SitsOut.class, () -> rep(Map.of("head", List.of("score")), Map.of()));
    assertTrue(out.getMessage().contains("score is nothing that is trained"), out.getMessage());
    out = assertThrows(SitsOut.class, () -> rep(Map.of("head", List.of("*")), Map.of()));
    assertTrue(out.getMessage().contains("nothing would travel"), out.getMessage());
    try (Training rep = rep(LAST, Map.of("steps", 1))) {
      out = assertThrows(SitsOut.class, () -> train(rep, 1));
      assertTrue(out.getMessage().contains("raise trainer.of.steps"), out.getMessage());
    }
  }
}
