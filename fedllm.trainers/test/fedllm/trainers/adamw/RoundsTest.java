package fedllm.trainers.adamw;

import static fedllm.trainers.SmallClient.QUIET;
import static fedllm.trainers.SmallClient.assertNear;
import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.norm;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.models.int8.EightBit;
import fedllm.models.nf4.NormalFloat;
import fedllm.trainers.SmallClient;
import fedllm.trainers.sgd.Sgd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundsTest {

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  @Test
  void isTheSameStepInHoweverManyPieces() {
    Tensors whole = once(Map.of("batch", 7));
    for (int pieces : List.of(2, 3, 7)) {
      assertNear(whole, once(Map.of("batch", 7, "accumulate", pieces)), 1e-5);
    }
  }

  @Test
  void isTheSameStepWithSeveralTextsToARow() {
    assertNear(once(Map.of("batch", 7)), once(Map.of("batch", 7, "pack", true)), 1e-5);
    assertNear(
        once(Map.of("batch", 7)),
        once(Map.of("batch", 7, "pack", true, "accumulate", 2, "checkpoint", true)),
        1e-5);
  }

  /** A gradient, by SGD, of texts of different lengths. */
  private Tensors once(Map<String, Object> changes) {
    Map<String, Object> values = new HashMap<>(Map.of("steps", 1, "learningRate", 1e3));
    values.putAll(changes);
    List<Example> texts = SmallClient.examples("bank", 7, 2, 16);
    try (Training client = small.open(Sgd::new, "bank", texts, List.of("*"), values)) {
      Tensors update = train(client, 1).update();
      assertTrue(norm(update) > 1); // so that rounding of what is trained does not show
      return update;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fp32, false, false",
    "fp32, true, true",
    "onednn, false, true",
    "bf16, true, true",
    "int8, false, true",
    "nf4, false, false"
  })
  void manyClientsAtOnceLearnWhatTheyLearnAlone(String how, boolean checkpoint, boolean pack)
      throws Exception {
    SmallClient clients = new SmallClient(base, precision(how));
    Map<String, Object> changes = Map.of("checkpoint", checkpoint, "pack", pack, "sequence", 32);
    List<String> names = List.of("bank", "school", "clinic", "court");
    List<Tensors> alone = new ArrayList<>();
    for (String name : names) {
      try (Training client = clients.open(name, 12, changes)) {
        alone.add(train(client, 1).update());
      }
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Tensors>> together = new ArrayList<>();
      for (String name : names) {
        together.add(
            threads.submit(
                () -> {
                  try (Training client = clients.open(name, 12, changes)) {
                    return train(client, 1).update();
                  }
                }));
      }
      for (int i = 0; i < alone.size(); i++) {
        assertSame(alone.get(i), together.get(i).get());
      }
    } finally {
      threads.shutdown();
    }
  }

  private static Precision precision(String how) {
    return switch (how) {
      case "onednn" -> Precision.of(Route.ONEDNN);
      case "bf16" -> Precision.BF16;
      case "int8" -> new Precision(Route.FP32, new EightBit());
      case "nf4" -> new Precision(Route.BF16, new NormalFloat());
      default -> Precision.FP32;
    };
  }

  @Test
  void fallsOverTheRunIfAsked() {
    Map<String, Object> falls =
        Map.of("schedule", "linear", "scheduleOver", "run", "learningRate", 0.5, "steps", 1);
    List<Example> texts = SmallClient.examples("bank", 4);
    try (Training client = small.open(Sgd::new, "bank", texts, List.of("*"), falls)) {
      Tensors global = client.initial().tensors();
      double first = norm(client.train(new Work(1, 4, Map.of(), QUIET), global).update());
      double third = norm(client.train(new Work(3, 4, Map.of(), QUIET), global).update());
      assertEquals(first / 2, third, 1e-4 * first);
      SitsOut out = assertThrows(SitsOut.class, () -> train(client, 1));
      assertTrue(out.getMessage().contains("scheduleOver"), out.getMessage());
    }
  }

  @Test
  void forgetsTheMomentsAfterARoundUnlessAsked() throws IOException {
    Map<String, Object> keeps = Map.of("keepState", true);
    byte[] state;
    Tensors second;
    try (Training client = small.open("bank", 9, keeps)) {
      Learned first = train(client, 1);
      state = snapshot(client);
      second = train(client, 2).update();
      try (Training fresh = small.open("bank", 9, Map.of())) {
        assertSame(first.update(), train(fresh, 1).update());
        assertNotEquals(norm(second), norm(train(fresh, 2).update()));
        assertTrue(!(fresh instanceof Stateful));
      }
    }
    try (Training restarted = small.open("bank", 9, keeps)) {
      restore(restarted, state);
      assertSame(second, train(restarted, 2).update());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThrows(SitsOut.class, () -> small.open("bank", 9, Map.of("accumulate", 5)).close());
  }

  private static byte[] snapshot(Training client) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ((Stateful) client).snapshot(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static void restore(Training client, byte[] state) throws IOException {
    ((Stateful) client).restore(new DataInputStream(new ByteArrayInputStream(state)));
  }
}
