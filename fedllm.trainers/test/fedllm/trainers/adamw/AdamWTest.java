package fedllm.trainers.adamw;

import static fedllm.trainers.SmallClient.assertSame;
import static fedllm.trainers.SmallClient.norm;
import static fedllm.trainers.SmallClient.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.Cancelled;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Progress;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.trainers.SmallClient;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdamWTest {

  @TempDir Path base;
  private SmallClient small;

  @BeforeEach
  void write() throws Exception {
    small = new SmallClient(base);
  }

  @Test
  void startsFromTheSameBytesAtEverySilo() {
    try (Training bank = small.open("bank", 3, Map.of());
        Training school = small.open("school", 5, Map.of())) {
      Tensors first = bank.initial().tensors();
      assertSame(first, school.initial().tensors());
      assertTrue(bank.initial().files().containsKey("adapter_config.json"));
      assertEquals(
          "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
          first.schema().tensors().get(0).name());
    }
  }

  @Test
  void learns() {
    try (Training client = small.open("bank", 16, Map.of("steps", 60, "learningRate", 0.02))) {
      Learned learned = train(client, 1);
      double first = learned.metrics().get("loss.first");
      double last = learned.metrics().get("loss.last");
      assertTrue(last < first - 0.2, first + " became " + last);
      assertEquals(60.0 * 4 * 9, learned.metrics().get("tokens"));
    }
  }

  /** The data may be larger than memory: an example that was read is free again. */
  @Test
  void holdsNoExampleThatItHasRead() {
    Queue<WeakReference<Example>> made = new ConcurrentLinkedQueue<>();
    List<Example> data =
        new AbstractList<>() {
          @Override
          public Example get(int i) {
            Example example = new Example.Tokens(new int[] {i % 7, 1, 2, 3});
            made.add(new WeakReference<>(example));
            return example;
          }

          @Override
          public int size() {
            return 2000;
          }
        };
    AtomicLong held = new AtomicLong(-1);
    Progress last =
        (what, done, of) -> {
          if (done == of) {
            System.gc();
            held.set(made.stream().filter(example -> example.get() != null).count());
          }
        };
    Map<String, Object> onePass = Map.of("epochs", 1, "steps", 0, "batch", 250);
    try (Training client = small.open(AdamW::new, "bank", data, List.of("*"), onePass)) {
      client.train(new Work(1, Map.of(), last), client.initial().tensors());
    }
    assertTrue(made.size() >= 2000, made.size() + " were read");
    assertTrue(held.get() >= 0 && held.get() < 100, held + " of 2000 examples are in memory");
  }

  @Test
  void computesARoundAgainToTheSameBits() {
    Learned before;
    try (Training client = small.open("bank", 9, Map.of())) {
      before = train(client, 2);
      assertSame(before.update(), train(client, 2).update());
      assertNotEquals(norm(before.update()), norm(train(client, 3).update()));
    }
    try (Training restarted = small.open("bank", 9, Map.of())) {
      assertSame(before.update(), train(restarted, 2).update());
    }
  }

  @Test
  void learnsInFourThreadsWhatItLearnsInOne() throws Exception {
    List<Tensors> alone = new ArrayList<>();
    for (String name : List.of("bank", "school", "clinic", "court")) {
      try (Training client = small.open(name, 12, Map.of())) {
        alone.add(train(client, 1).update());
      }
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Tensors>> together = new ArrayList<>();
      for (String name : List.of("bank", "school", "clinic", "court")) {
        together.add(
            threads.submit(
                () -> {
                  try (Training client = small.open(name, 12, Map.of())) {
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
    assertNotEquals(norm(alone.get(0)), norm(alone.get(1)));
  }

  @Test
  void takesEveryExampleOncePerPassInAnOrderOfItsOwn() {
    Map<String, Object> oneByOne = Map.of("epochs", 1, "steps", 0, "batch", 1);
    try (Training client = small.open("bank", 7, oneByOne)) {
      Learned learned = train(client, 1);
      assertEquals(7, learned.examples());
      assertEquals(7.0 * 9, learned.metrics().get("tokens"));
    }
    try (Training some = small.open("bank", 50, Map.of("steps", 2, "batch", 4))) {
      assertEquals(8, train(some, 1).examples());
    }
  }

  @Test
  void reportsEveryStep() {
    List<String> told = new ArrayList<>();
    Progress progress = (what, done, of) -> told.add(what + " " + done + "/" + of);
    try (Training client = small.open("bank", 9, Map.of("steps", 3))) {
      client.train(new Work(1, Map.of(), progress), client.initial().tensors());
    }
    assertEquals(List.of("step 1/3", "step 2/3", "step 3/3"), told);
  }

  @Test
  void stopsWhenItIsNoLongerWanted() {
    Progress impatient =
        (what, done, of) -> {
          throw new Cancelled("enough");
        };
    try (Training client = small.open("bank", 9, Map.of())) {
      Tensors global = client.initial().tensors();
      assertThrows(Cancelled.class, () -> client.train(new Work(1, Map.of(), impatient), global));
      assertFalse(train(client, 1).metrics().isEmpty());
    }
  }

  @Test
  void saysWhichBatchHadNoFiniteLoss() {
    try (Training client = small.open("bank", 9, Map.of("learningRate", 1e30, "steps", 8))) {
      SitsOut out = assertThrows(SitsOut.class, () -> train(client, 1));
      assertTrue(
          out.getMessage().matches("round 1, step 2 \\(examples (\\d, ){3}\\d\\): the loss is .*"),
          out.getMessage());
    }
  }

  @Test
  void boundsTheStepByTheClippedGradient() {
    // With β = 0 and a large ε, a step is -η g / ε, so its length shows the gradient's.
    Map<String, Object> plain =
        Map.of(
            "steps",
            1,
            "beta1",
            0.0,
            "beta2",
            0.0,
            "epsilon",
            1e6,
            "learningRate",
            1e6,
            "weightDecay",
            0.0);
    Map<String, Object> clipped = new HashMap<>(plain);
    clipped.put("clipNorm", 0.01);
    try (Training free = small.open("bank", 9, plain);
        Training bound = small.open("bank", 9, clipped)) {
      assertTrue(norm(train(free, 1).update()) > 0.02);
      assertEquals(0.01, norm(train(bound, 1).update()), 1e-4);
    }
  }

  @Test
  void refusesStepsBesideEpochsAndNoDataAtAll() {
    assertThrows(SitsOut.class, () -> small.open("bank", 9, Map.of("epochs", 1)).close());
    assertThrows(SitsOut.class, () -> small.open("bank", 9, Map.of("steps", 0)).close());
    assertThrows(SitsOut.class, () -> small.open("bank", 0, Map.of()).close());
    assertThrows(SitsOut.class, () -> small.open("bank", 9, Map.of("sequence", 65)).close());
  }
}
