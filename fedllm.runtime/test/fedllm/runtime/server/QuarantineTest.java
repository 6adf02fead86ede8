package fedllm.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.QuarantineView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.runtime.message.Post;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuarantineTest {

  private static final String TOPIC = "fedllm.test.control";

  private final MemoryTransport transport = new MemoryTransport(new MemoryBroker());
  private final Sender sender = transport.sender();
  private final Post post = new Post(sender);

  QuarantineTest() {
    transport.create(TOPIC);
  }

  @AfterEach
  void close() {
    sender.close();
  }

  private static Record record(String silo, long offset) {
    return new Record("fedllm.test.silo." + silo, offset, Map.of(), ByteBuffer.allocate(0));
  }

  private static QuarantineView view(String silo, int number) {
    return new QuarantineView("r", 1, silo, "no. " + number, number, "t", number);
  }

  @Test
  void whatIsRefusedIsInTheLogAndReadBackFromIt() {
    Quarantine quarantine = new Quarantine(post, TOPIC, List.of());
    quarantine.add("r1", 3, "bank", "a NaN\nin a\tlist" + "!".repeat(1000), record("bank", 7));
    QuarantineView view = quarantine.views().get(0);
    assertEquals("fedllm.test.silo.bank", view.topic());
    assertEquals(7, view.offset());
    assertTrue(view.reason().startsWith("a NaN in a list!"), view.reason());
    assertTrue(view.reason().length() < 600, "a reason has a bound");
    History history = new History();
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(TOPIC, 0);
      receiver.poll(1000).forEach(history::take);
    }
    assertEquals(quarantine.views(), List.copyOf(history.quarantined()));
  }

  @Test
  void oneSiloNeitherFillsTheLogNorPushesOthersOff() {
    Quarantine quarantine = new Quarantine(post, TOPIC, List.of());
    quarantine.add("r1", 1, "bank", "once", record("bank", 1));
    for (int i = 0; i < 10 * Quarantine.AT_ONCE; i++) {
      quarantine.add("r1", 1, "flood", "again", record("flood", i));
    }
    long flood = quarantine.views().stream().filter(q -> q.silo().equals("flood")).count();
    assertTrue(flood >= Quarantine.AT_ONCE, flood + " are listed");
    assertTrue(flood < 5 * Quarantine.AT_ONCE, flood + " are listed");
    assertEquals("bank", quarantine.views().get(0).silo());
  }

  @Test
  void theListIsBoundedInAllAndForEachSilo() {
    List<QuarantineView> before = new ArrayList<>();
    before.add(view("calm", 0));
    for (int i = 1; i <= 3 * Quarantine.MOST_OF_ONE; i++) {
      before.add(view("loud", i));
    }
    List<QuarantineView> views = new Quarantine(post, TOPIC, before).views();
    assertEquals(Quarantine.MOST_OF_ONE + 1, views.size());
    assertEquals("calm", views.get(0).silo());
    assertEquals(3 * Quarantine.MOST_OF_ONE, views.get(views.size() - 1).offset());

    for (int i = 0; i < 2 * Quarantine.MOST; i++) {
      before.add(view("silo-" + i, i));
    }
    assertEquals(Quarantine.MOST, new Quarantine(post, TOPIC, before).views().size());
  }
}
