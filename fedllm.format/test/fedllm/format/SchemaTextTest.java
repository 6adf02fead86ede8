package fedllm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaTextTest {

  @Test
  void readsBackWhatItWrote() {
    Schema schema =
        new Schema(
            List.of(new Tensor("a.b", "w", List.of(2L, 3L)), new Tensor("", "s", List.of())));
    assertEquals(schema, SchemaText.read("x", SchemaText.write(schema)));
  }

  @Test
  void refusesWhatIsNoSchemaInOneShortLine() {
    assertSays("not JSON", "[[\"a\"");
    assertSays("not JSON", "[[\"a\",\"b\",[" + "9".repeat(2000) + "]]]");
    assertSays("not one", "[[\"a\",\"b\",[-1]]]");
    assertSays("not one", "[[\"a\",\"\\u001b[2J\\n" + "b".repeat(9999) + "\",[0]]]");
    assertSays("overflow", "[[\"a\",\"b\",[4611686018427387904,4]]]");
  }

  private static void assertSays(String words, String text) {
    SitsOut out = assertThrows(SitsOut.class, () -> SchemaText.read("x", text));
    assertTrue(out.getMessage().contains(words), out.getMessage());
    assertTrue(out.getMessage().length() < 300, out.getMessage());
    assertTrue(out.getMessage().chars().noneMatch(Character::isISOControl), out.getMessage());
  }
}
