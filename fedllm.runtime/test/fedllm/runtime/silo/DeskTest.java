package fedllm.runtime.silo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.api.transport.Sender;
import fedllm.runtime.job.JobReader;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DeskTest {

  private static final String JOB =
      """
      trainer: { name: slow }
      strategy: { name: fedavg }
      protocol: { name: synchronous, rounds: 1 }
      """;

  @TempDir Path folder;

  /** Makes an initial state only when it may. */
  @Plugin(name = "slow", does = "Waits.")
  private static final class Slow implements Trainer {
    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch may = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public Training open(Options options, Site site) {
      return new Training() {
        @Override
        public Start initial() {
          began.countDown();
          try {
            may.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          Schema schema = new Schema(List.of(new Tensor("m", "A", List.of(2L))));
          return new Start(new Tensors(schema), Map.of());
        }

        @Override
        public Learned train(Work work, Tensors global) {
          throw new AssertionError("nobody asked for that");
        }

        @Override
        public void close() {
          closed.countDown();
        }
      };
    }
  }

  @Test
  void endsInSilenceWhenItsSenderWasClosedInTheMiddleOfItsWork() throws Exception {
    ConcurrentLinkedQueue<Throwable> loud = new ConcurrentLinkedQueue<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> loud.add(thrown));
    Slow trainer = new Slow();
    try (MemoryTransport transport = new MemoryTransport(new MemoryBroker())) {
      Topics topics = new Topics("test");
      transport.create(topics.silo("a"));
      Sender sender = transport.sender();
      Desk desk =
          new Desk(
              "a",
              new JobReader("test", true).read(JOB, "job.yaml"),
              "r-1",
              new SiloConfig("silo.yaml", Map.of(), Map.of()),
              folder,
              SiloKey.in(folder),
              topics,
              transport,
              new Post(sender),
              new FixedPlugins(trainer));
      Event.Asked asked = new Event.Asked(Set.of(Task.INITIALISE), Map.of(), 0, 0);
      desk.take(
          new Event.Ordered(
              new Attempt("r-1", 0, 1), Map.of("a", asked), null, null, null, "", Map.of(), 0));
      assertTrue(trainer.began.await(30, TimeUnit.SECONDS));
      Thread thread =
          Thread.getAllStackTraces().keySet().stream()
              .filter(t -> t.getName().equals("fedllm-desk-r-1"))
              .findFirst()
              .orElseThrow();
      desk.close();
      sender.close();
      trainer.may.countDown();
      thread.join();
      assertEquals(List.of(), List.copyOf(loud));
      assertTrue(trainer.closed.await(30, TimeUnit.SECONDS), "what it held is let go of");
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
