package fedllm.trainers.scaffold;

import static fedllm.trainers.SmallClient.assertNear;
import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.strategies.add.Add;
import fedllm.testkit.TestOptions;
import fedllm.trainers.Bowls;
import fedllm.trainers.EqualMean;
import fedllm.trainers.Kept;
import fedllm.trainers.SmallClient;
import fedllm.trainers.sgd.Sgd;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScaffoldTest {

  private static final List<String> CLIENTS = List.of("bank", "clinic", "school");
  private static final int ROUNDS = 300;

  /** Ten steps a round, so that clients drift. */
  private final Bowls bowls = new Bowls(10, 0.05);

  private static Descent server() {
    return new fedllm.strategies.scaffold.Scaffold()
        .open(TestOptions.none(), new Scope("run", "server", 1));
  }

  private Training corrected(String client) {
    return new Scaffold()
        .open(TestOptions.none().with("of", bowls, TestOptions.none()), Bowls.site(client));
  }

  @Test
  void endsWhereTheMeanLossIsLeastAndFedAvgDoesNot() {
    Map<String, Training> corrected = new LinkedHashMap<>();
    Map<String, Training> plain = new LinkedHashMap<>();
    for (String client : CLIENTS) {
      corrected.put(client, corrected(client));
      plain.put(client, bowls.open(TestOptions.none(), Bowls.site(client)));
    }
    EqualMean scaffold = new EqualMean(server());
    EqualMean fedavg =
        new EqualMean(new Add().open(TestOptions.none(), new Scope("run", "server", 1)));
    Tensors x = corrected.get("bank").initial().tensors();
    Tensors w = plain.get("bank").initial().tensors();
    for (int round = 1; round <= ROUNDS; round++) {
      x = scaffold.round(round, x, corrected);
      w = fedavg.round(round, w, plain);
    }
    double farthest = 0;
    for (int i = 0; i < Bowls.WIDTH; i++) {
      double lowest = Bowls.lowest(CLIENTS, i);
      assertEquals(lowest, x.values(0)[i], 1e-5);
      farthest = Math.max(farthest, Math.abs(lowest - w.values(0)[i]));
    }
    assertTrue(farthest > 0.05, "FedAvg is only " + farthest + " away, which shows nothing");
  }

  @Test
  void theServersControlVariateIsTheMeanOfTheClients() throws Exception {
    Map<String, Training> clients = new LinkedHashMap<>();
    CLIENTS.forEach(client -> clients.put(client, corrected(client)));
    EqualMean server = new EqualMean(server());
    Tensors x = clients.get("bank").initial().tensors();
    for (int round = 1; round <= 5; round++) {
      x = server.round(round, x, clients);
      double[] mean = new double[Bowls.WIDTH];
      for (Training client : clients.values()) {
        Tensors own = Kept.of(client);
        for (int i = 0; i < mean.length; i++) {
          mean[i] += own.values(0)[i] / CLIENTS.size();
        }
      }
      for (int i = 0; i < mean.length; i++) {
        assertEquals(mean[i], x.values(1)[i], 1e-6);
      }
    }
  }

  /** {@code c_i - c + (x - y) / (K η)}. */
  @Test
  void keepsThePapersOptionTwo() throws Exception {
    Training client = corrected("bank");
    Tensors global = client.initial().tensors();
    global.values(0)[0] = 3;
    global.values(1)[0] = 0.25f;
    Tensors first = client.train(Bowls.work(1), global).update();
    float before = Kept.of(client).values(0)[0];
    assertEquals(before, first.values(1)[0]);
    Tensors second = client.train(Bowls.work(2), global).update();
    double after = before - 0.25 - second.values(0)[0] / (10 * 0.05);
    assertEquals(after, Kept.of(client).values(0)[0], 1e-5);
    assertEquals(after - before, second.values(1)[0], 1e-5);
  }

  @Test
  void aClientAloneIsNotCorrected(@TempDir Path base) throws Exception {
    SmallClient small = new SmallClient(base);
    List<Example> texts = SmallClient.examples("bank", 9);
    Map<String, Object> rate = Map.of("learningRate", 0.1);
    try (Training plain = small.open(Sgd::new, "bank", texts, List.of("*"), rate);
        Training corrected =
            small.wrapped(new Scaffold(), Map.of(), new Sgd(small.bases()), "bank", texts, rate)) {
      Tensors w = plain.initial().tensors();
      Tensors x = corrected.initial().tensors();
      EqualMean scaffold = new EqualMean(server());
      for (int round = 1; round <= 3; round++) {
        Tensors update = plain.train(new Work(round, Map.of(), SmallClient.QUIET), w).update();
        x = scaffold.round(round, x, Map.of("bank", corrected));
        w = w.copy().plus(update);
        assertNear(w, corrected.view(Bowls.work(round), x), 1e-5);
      }
      assertTrue(Kept.of(corrected).values(0)[0] != 0);
    }
  }

  @Test
  void goesOnFromWhatItKept(@TempDir Path base) throws Exception {
    SmallClient small = new SmallClient(base);
    List<Example> texts = SmallClient.examples("bank", 9);
    Map<String, Object> keeps = Map.of("momentum", 0.9, "keepState", true, "learningRate", 0.1);
    try (Training client =
            small.wrapped(new Scaffold(), Map.of(), new Sgd(small.bases()), "bank", texts, keeps);
        Training restarted =
            small.wrapped(new Scaffold(), Map.of(), new Sgd(small.bases()), "bank", texts, keeps)) {
      Tensors first = train(client, 1).update();
      Kept.move((Stateful) client, (Stateful) restarted);
      Tensors expected = train(client, 2).update();
      assertSame(expected, train(restarted, 2).update());
      for (Tensor tensor : first.schema().tensors()) {
        assertTrue(tensor.module().contains("base_model"), tensor.toString());
      }
    }
  }
}
