package fedllm.runtime.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {

  private static final PluginBundle ONE = new PluginBundle(Bundled.bytes("one", "1.0.0"), null);
  private static final PluginBundle TWO = new PluginBundle(Bundled.bytes("two", "1.0.0"), null);

  @TempDir private Path folder;
  private Path list;
  private Path shipped;

  @BeforeEach
  void name() {
    list = folder.resolve("plugins.approved");
    shipped = folder.resolve("plugins.shipped");
  }

  private static void refuses(Gate gate, PluginBundle bundle, String file, String why) {
    String message = assertThrows(Refused.class, () -> gate.check(bundle, file)).getMessage();
    assertTrue(message.contains(why), message);
  }

  @Test
  void withoutAListTheFolderIsTrustedAndTheWireIsNot() {
    Gate gate = new Gate(list, shipped, false);
    assertEquals("", gate.check(ONE, "one.jar"));
    refuses(gate, ONE, "one-1.0.0-published.jar", "no approved list here");
    assertEquals("published", Gate.open(true).check(ONE, "one-1.0.0-published.jar"));
  }

  @Test
  void aListHoldsForTheFolderAndTheWireAlike() throws IOException {
    Files.writeString(list, ApprovedList.ruleFor(ONE));
    Gate gate = new Gate(list, shipped, true);
    for (String file : new String[] {"x.jar", "x-published.jar"}) {
      assertEquals("approved by plugins.approved:1", gate.check(ONE, file));
      refuses(gate, TWO, file, TWO.sha256());
    }
  }

  @Test
  void theListIsFollowedAndAWrongOrLostOneChangesNothing() throws IOException {
    Gate gate = new Gate(list, shipped, false);
    Files.writeString(shipped, ApprovedList.ruleFor(TWO));
    Files.writeString(list, "shipped\n");
    gate.refresh();
    assertEquals(1, gate.generation());
    refuses(gate, ONE, "one.jar", "no line of the approved list");
    assertEquals("approved by shipped:1", gate.check(TWO, "two.jar"));

    Files.writeString(list, "shipped\none 1.0.0\n");
    gate.refresh();
    Files.delete(list);
    gate.refresh();
    gate.refresh();
    assertEquals(1, gate.generation());
    assertEquals("approved by shipped:1", gate.check(TWO, "two.jar"));
    refuses(gate, ONE, "one.jar", "no line of the approved list");

    Files.writeString(list, ApprovedList.ruleFor(ONE) + "\n");
    gate.refresh();
    assertEquals(2, gate.generation());
    assertEquals("approved by plugins.approved:1", gate.check(ONE, "one.jar"));
    refuses(gate, TWO, "two.jar", "no line of the approved list");
  }

  @Test
  void aNodeDoesNotStartWithAWrongList() throws IOException {
    Files.writeString(list, "one\n");
    String message = assertThrows(Refused.class, () -> new Gate(list, shipped, false)).getMessage();
    assertTrue(message.startsWith("plugins.approved:1: a name proves nothing"), message);
  }
}
