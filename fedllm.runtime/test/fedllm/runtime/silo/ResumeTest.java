package fedllm.runtime.silo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.planner.Task;
import fedllm.api.tensor.Tensors;
import fedllm.runtime.Mortal;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A silo is killed at each of its records, and started again with what it left on its disk. */
@Timeout(300)
final class ResumeTest {

  /** A BEGIN, and a MANIFEST. */
  private static final int WORDS = 2;

  @TempDir Path folder;

  private Word.Manifest first;
  private Word.Manifest second;

  @BeforeEach
  void undisturbed() throws Exception {
    Stage stage = new Stage(folder.resolve("undisturbed"));
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(stage.order(1, 1, Stage.ALL, 0));
      first = stage.manifest(1);
      desk.take(stage.order(2, 2, Stage.ALL, 1));
      second = stage.manifest(2);
    }
    assertTrue(first.chunks() > 2, "too few chunks to be cut between");
    assertNotEquals(first.sha256(), second.sha256());
  }

  /** Kills a desk in the first round, and works on with another one. */
  private Stage killed(String name, Predicate<Map<String, String>> at, boolean late)
      throws Exception {
    Stage stage = new Stage(folder.resolve(name));
    Event.Ordered order = stage.order(1, 1, Stage.ALL, 0);
    try (Mortal transport = new Mortal(stage.broker, at, late)) {
      Desk mortal = stage.desk(transport);
      mortal.take(order);
      transport.awaitDeath();
      try (Desk desk = stage.desk(stage.transport())) {
        desk.take(order);
        stage.manifest(1);
        desk.take(stage.order(2, 2, Stage.ALL, 1));
        stage.manifest(2);
      }
      mortal.close();
    }
    return stage;
  }

  private static Predicate<Map<String, String>> atRecord(int n) {
    AtomicInteger sent = new AtomicInteger();
    return headers -> !headers.get(Post.KIND).equals("beat") && sent.getAndIncrement() == n;
  }

  @Test
  void whereverItIsKilledItsUpdatesAreTheSameAndThereOnce() throws Exception {
    int records = 1 + WORDS + first.chunks(); // a REPORT before
    for (int n = 0; n < records; n++) {
      Stage stage = killed("at" + n, atRecord(n), false);
      stage.assertOneUpload(1);
      stage.assertOneUpload(2);
      assertEquals(first.sha256(), stage.manifest(1).sha256(), "killed at record " + n);
      assertEquals(second.sha256(), stage.manifest(2).sha256(), "after a kill at record " + n);
      assertEquals(1, stage.words(1, "begin").size(), "it went on after a kill at " + n);
      assertEquals(n == 0 ? 3 : 2, stage.counts.times.get(), "measured after a kill at " + n);
      assertEquals(List.of(), stage.manifest(2).afresh());
    }
  }

  @Test
  void aKillBetweenTheManifestAndTheNextOrderFindsTheStateOfTheRoundThatCounts() throws Exception {
    Stage stage = killed("late", headers -> headers.get(Post.KIND).equals("manifest"), true);
    assertEquals(second.sha256(), stage.manifest(2).sha256());
    assertEquals(List.of(), stage.manifest(2).afresh());
    assertEquals(2, stage.tide.trained.get());
    stage.assertOneUpload(1);
  }

  @Test
  void whatIsWholeIsNeitherComputedNorSentAgain() throws Exception {
    Stage stage = new Stage(folder.resolve("whole"));
    Event.Ordered order = stage.order(1, 1, Stage.ALL, 0);
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(order);
      stage.manifest(1);
    }
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(order);
      desk.take(stage.order(2, 2, Stage.ALL, 1));
      assertEquals(second.sha256(), stage.manifest(2).sha256(), "its private state was kept");
    }
    stage.assertOneUpload(1);
    assertEquals(2, stage.tide.trained.get());
    assertEquals(2, stage.counts.times.get());
  }

  @Test
  void anUploadThatTheLogHoldsOtherwiseStartsOver() throws Exception {
    Stage stage = new Stage(folder.resolve("otherwise"));
    Event.Ordered order = stage.order(1, 1, Stage.ALL, 0);
    stage.tide.otherwise = 1e6f; // in the last chunk
    int last = 1 + 1 + first.chunks();
    try (Mortal transport = new Mortal(stage.broker, atRecord(last))) {
      Desk mortal = stage.desk(transport);
      mortal.take(order);
      transport.awaitDeath();
      stage.tide.otherwise = 0;
      try (Desk desk = stage.desk(stage.transport())) {
        desk.take(order);
        assertEquals(first.sha256(), stage.manifest(1).sha256(), "encoded twice from one state");
        desk.take(stage.order(2, 2, Stage.ALL, 1));
        assertEquals(second.sha256(), stage.manifest(2).sha256());
      }
      mortal.close();
    }
    assertEquals(2, stage.words(1, "begin").size());
    stage.assertOneUpload(1);
  }

  @Test
  void aRoundThatDidNotCountLeavesNoTraceAlsoWhereItsStateWasKept() throws Exception {
    Stage stage = new Stage(folder.resolve("uncounted"));
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(stage.order(1, 1, Stage.ALL, 0));
      stage.manifest(1);
      for (int round = 2; round < 12; round++) { // longer than states of rounds are kept
        desk.take(stage.order(round, round, Stage.ALL, 1));
        stage.manifest(round);
      }
    }
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(stage.order(2, 20, Stage.ALL, 1));
      assertEquals(second.sha256(), stage.manifest(20).sha256());
      assertEquals(List.of(), stage.manifest(20).afresh());
    }
  }

  @Test
  void aPrivateStateThatIsLostIsNamedInTheManifest() throws Exception {
    Stage stage = new Stage(folder.resolve("lost"));
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(stage.order(1, 1, Stage.ALL, 0));
      stage.manifest(1);
    }
    Files.delete(folder.resolve("lost/1.state"));
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(stage.order(2, 2, Stage.ALL, 1));
      assertEquals(List.of("trainer tide", "codec errorfeedback"), stage.manifest(2).afresh());
      desk.take(stage.order(3, 3, Stage.ALL, 2));
      assertEquals(List.of(), stage.manifest(3).afresh());
    }
  }

  @Test
  void aGlobalStateThatIsNotWhatTheOrderSaysIsSatOut() throws Exception {
    Stage stage = new Stage(folder.resolve("bad"));
    Attempt attempt = new Attempt("r-1", 1, 1);
    Tensors state = new Tensors(Tide.SCHEMA);
    Event.Broadcast said = stage.broadcast(attempt, state);
    state.values(0)[3] = 1;
    Event.Broadcast sent = stage.broadcast(attempt, state);
    Event.Broadcast forged =
        new Event.Broadcast(1, sent.offset(), sent.chunks(), sent.bytes(), said.sha256());
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(stage.order(attempt, Stage.ALL, 0, forged));
      String why = stage.out().reason();
      assertTrue(why.contains("the broadcast of round 1"), why);
      assertTrue(why.contains("another SHA-256"), why);
      desk.take(stage.order(1, 2, Stage.ALL, 0));
      stage.manifest(2);
    }
    assertEquals(0, stage.words(1, "manifest").size());
  }

  @Test
  void aGlobalStateThatIsNotFiniteIsSatOut() throws Exception {
    Stage stage = new Stage(folder.resolve("nan"));
    Attempt attempt = new Attempt("r-1", 1, 1);
    Tensors state = new Tensors(Tide.SCHEMA);
    state.values(1)[999_999] = Float.NaN;
    try (Desk desk = stage.desk(stage.transport())) {
      desk.take(stage.order(attempt, Stage.ALL, 0, stage.broadcast(attempt, state)));
      String why = stage.out().reason();
      assertTrue(why.contains("not finite in m.0.B"), why);
    }
  }

  @Test
  void anOrderThatMeetsABrokerThatIsAwayIsFulfilledWhenItIsBack() throws Exception {
    Stage stage = new Stage(folder.resolve("away"));
    Event.Ordered order = stage.order(1, 1, Stage.ALL, 0);
    AtomicInteger refusals = new AtomicInteger();
    try (Refusing transport = new Refusing(stage.transport(), refusals, 5);
        Desk desk = stage.desk(transport)) {
      desk.take(order);
      assertEquals(first.sha256(), stage.manifest(1).sha256());
    }
    assertEquals(5, refusals.get());
    stage.assertOneUpload(1);
  }

  @Test
  void anOrderThatIsWantedNoLongerIsNotWaitedWith() throws Exception {
    Stage stage = new Stage(folder.resolve("unwanted"));
    AtomicInteger refusals = new AtomicInteger();
    try (Refusing transport = new Refusing(stage.transport(), refusals, Integer.MAX_VALUE);
        Desk desk = stage.desk(transport)) {
      Event.Ordered order = stage.order(1, 1, Set.of(Task.TRAIN), 0);
      desk.take(order);
      while (refusals.get() < 2) {
        Thread.onSpinWait();
      }
      desk.closed(order.attempt());
      while (!desk.doing().equals("idle")) {
        Thread.onSpinWait();
      }
    }
    assertEquals(0, stage.tide.trained.get());
  }
}
